-- $1 first key, $2 second
-- gives: whether this session now holds the lock together with others
SELECT pg_catalog.pg_try_advisory_lock_shared($1::integer, $2::integer) AS taken;
