-- makes the table of golang-migrate, in the very words: the file keeps them
CREATE TABLE schema_migrations (version uint64,dirty bool);
CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
