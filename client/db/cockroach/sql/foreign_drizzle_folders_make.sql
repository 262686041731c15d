-- makes the table of drizzle 1.0
CREATE SCHEMA IF NOT EXISTS drizzle;
CREATE TABLE drizzle.pgstride___drizzle_migrations (
    id SERIAL PRIMARY KEY,
    hash text NOT NULL,
    created_at bigint,
    name text,
    applied_at timestamp with time zone DEFAULT now());
