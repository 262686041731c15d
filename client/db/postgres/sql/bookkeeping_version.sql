-- gives: the newest of pgstride's own migrations here
SELECT coalesce(pg_catalog.max(version), 0)::bigint AS version FROM pgstride.bookkeeping;
