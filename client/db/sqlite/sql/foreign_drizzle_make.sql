-- makes the table of drizzle, in the very words; no row of it ever gets an id
CREATE TABLE "__drizzle_migrations" (
				id SERIAL PRIMARY KEY,
				hash text NOT NULL,
				created_at numeric
			);
