-- gives the table of drizzle 0.x the columns that 1.0 asks for
ALTER TABLE drizzle.__drizzle_migrations ADD COLUMN name text, ADD COLUMN applied_at timestamp with time zone DEFAULT now();
