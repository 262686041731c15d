-- $1 pid of our worker
-- gives: how far its CREATE INDEX or REINDEX is; no row: it has none under way
SELECT p.phase,
       coalesce(p.blocks_done, 0) AS blocks_done,
       coalesce(p.blocks_total, 0) AS blocks_total,
       coalesce(p.tuples_done, 0) AS tuples_done,
       coalesce(p.tuples_total, 0) AS tuples_total,
       coalesce(p.lockers_done, 0) AS lockers_done,
       coalesce(p.lockers_total, 0) AS lockers_total
  FROM pg_catalog.pg_stat_progress_create_index p
 WHERE p.pid = $1::integer;
