-- makes the table of drizzle 1.0; it gets its name when its rows are in
CREATE TABLE pgstride___drizzle_migrations (
    id SERIAL PRIMARY KEY,
    hash TEXT NOT NULL,
    created_at BIGINT,
    name TEXT,
    applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
