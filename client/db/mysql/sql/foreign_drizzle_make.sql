-- makes the table of drizzle; it gets its name when its rows are in
CREATE TABLE pgstride___drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
