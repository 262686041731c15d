-- $1 first key, $2 second
-- gives: whether this session now holds the lock alone
SELECT pg_catalog.pg_try_advisory_lock($1::integer, $2::integer) AS taken;
