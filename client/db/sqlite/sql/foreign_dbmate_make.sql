-- makes the table of dbmate, in the very words: the file keeps them
CREATE TABLE "schema_migrations" (version varchar(128) primary key);
