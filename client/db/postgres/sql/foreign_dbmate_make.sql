-- makes the table of dbmate
create table if not exists schema_migrations (version varchar primary key);
