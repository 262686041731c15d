-- gives the table of drizzle 0.x the columns that 1.0 asks for
ALTER TABLE __drizzle_migrations ADD COLUMN name text;
ALTER TABLE __drizzle_migrations ADD COLUMN applied_at TEXT;
