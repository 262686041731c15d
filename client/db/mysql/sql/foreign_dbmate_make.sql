-- makes the table of dbmate; it gets its name when its rows are in
CREATE TABLE pgstride_schema_migrations (version varchar(128) primary key);
