-- $1 first key, $2 second
SELECT pg_catalog.pg_advisory_unlock_shared($1::integer, $2::integer) AS released;
