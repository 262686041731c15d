-- gives the table of popx the columns of today, and keeps the old one, as popx does
CREATE TABLE schema_migration_transactional (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX schema_migration_transactional_version_idx ON schema_migration_transactional (version);
CREATE INDEX schema_migration_transactional_version_self_idx ON schema_migration_transactional (version_self);
INSERT INTO schema_migration_transactional (version) SELECT version FROM schema_migration;
ALTER TABLE schema_migration RENAME TO schema_migration_pop_legacy;
ALTER TABLE schema_migration_transactional RENAME TO schema_migration;
