-- gives the table of popx the columns of today, and keeps the old one, as popx does; the
-- first may be there from a run that was interrupted, and both names change at once
DROP TABLE IF EXISTS schema_migration_transactional;
CREATE TABLE schema_migration_transactional (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX schema_migration_transactional_version_idx ON schema_migration_transactional (version);
CREATE INDEX schema_migration_transactional_version_self_idx ON schema_migration_transactional (version_self);
INSERT INTO schema_migration_transactional (version) SELECT version FROM schema_migration;
RENAME TABLE schema_migration TO schema_migration_pop_legacy, schema_migration_transactional TO schema_migration;
