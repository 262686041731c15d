-- makes the table of golang-migrate; it gets its name when its rows are in
CREATE TABLE pgstride_schema_migrations (version bigint not null primary key, dirty boolean not null);
