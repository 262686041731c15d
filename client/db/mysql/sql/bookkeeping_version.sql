-- gives: the newest of pgstride's own migrations here
SELECT COALESCE(MAX(version), 0) AS version FROM pgstride_bookkeeping;
