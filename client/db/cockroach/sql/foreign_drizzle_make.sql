-- makes the table of drizzle
CREATE SCHEMA IF NOT EXISTS drizzle;
CREATE TABLE drizzle.pgstride___drizzle_migrations (
    id SERIAL PRIMARY KEY,
    hash text NOT NULL,
    created_at bigint);
