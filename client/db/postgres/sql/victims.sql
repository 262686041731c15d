-- $1 pid of our worker, $2 our own pids, as an array: they may wait for each other
-- gives: how many sessions wait for a lock behind it right now
SELECT pg_catalog.count(DISTINCT l.pid) AS victims
  FROM pg_catalog.pg_locks l
 WHERE NOT l.granted AND l.pid <> ALL ($2::integer[])
   AND $1::integer = ANY (pg_catalog.pg_blocking_pids(l.pid));
