-- makes the table of golang-migrate
CREATE TABLE pgstride_schema_migrations (version BIGINT NOT NULL PRIMARY KEY, dirty BOOL NOT NULL);
