-- makes the table by whose rows golang-migrate locks, as golang-migrate does
CREATE TABLE IF NOT EXISTS schema_lock (lock_id bigint NOT NULL PRIMARY KEY);
