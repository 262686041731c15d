-- makes the table of popx
CREATE TABLE pgstride_schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX schema_migration_version_idx ON pgstride_schema_migration (version);
CREATE INDEX schema_migration_version_self_idx ON pgstride_schema_migration (version_self);
