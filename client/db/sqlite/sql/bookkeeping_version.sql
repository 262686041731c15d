-- gives: the newest of pgstride's own migrations here
SELECT coalesce(max(version), 0) AS version FROM pgstride_bookkeeping;
