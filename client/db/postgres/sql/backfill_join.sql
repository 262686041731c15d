-- $1 component, $2 version, $3 number of the backfill, $4 oid of the table, $5 id of our
-- run, $6 blocks that all parts together have met, $7 those skipped among them
-- Every part is swept: their rows become one again.
-- gives: one row; none: another run has the fence
WITH gone AS (
    DELETE FROM pgstride.backfills
     WHERE component = $1 AND version = $2 AND number = $3::integer
       AND leaf = $4::oid AND part > 0 AND run_id = $5::uuid
    RETURNING rows_done, hot_rows, wal_bytes, batches, last_xid
)
UPDATE pgstride.backfills b
   SET position = $6::bigint, end_block = $6::bigint, skipped = $7,
       rows_done = b.rows_done + g.rows_done,
       hot_rows = b.hot_rows + g.hot_rows,
       wal_bytes = b.wal_bytes + g.wal_bytes,
       batches = b.batches + g.batches,
       last_xid = greatest(b.last_xid, g.last_xid),
       updated_at = pg_catalog.clock_timestamp()
  FROM (SELECT coalesce(pg_catalog.sum(rows_done), 0)::bigint AS rows_done,
               coalesce(pg_catalog.sum(hot_rows), 0)::bigint AS hot_rows,
               coalesce(pg_catalog.sum(wal_bytes), 0)::bigint AS wal_bytes,
               coalesce(pg_catalog.sum(batches), 0)::bigint AS batches,
               coalesce(pg_catalog.max(last_xid), 0) AS last_xid
          FROM gone) g
 WHERE b.component = $1 AND b.version = $2 AND b.number = $3::integer
   AND b.leaf = $4::oid AND b.part = 0 AND b.run_id = $5::uuid
RETURNING b.position;
