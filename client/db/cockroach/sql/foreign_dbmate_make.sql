-- makes the table of dbmate
CREATE TABLE pgstride_schema_migrations (version varchar PRIMARY KEY);
