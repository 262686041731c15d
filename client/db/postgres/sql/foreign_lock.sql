-- $1 the key of another runner's advisory lock
-- gives: whether this session now holds it
SELECT pg_catalog.pg_try_advisory_lock($1::bigint) AS taken;
