-- $1 component, $2 version, $3 number of the backfill, $4 oid of the table, $5 its name,
-- $6 filenode, $7 blocks, $8 rows, $9 id of our run
-- gives: where the backfill of that table stands, a row for every part that a worker has;
-- no row: another run has the fence. From here on it is ours; what was written about
-- another file node counts for nothing, because the rows have moved. The fence is locked,
-- so that it cannot change hands meanwhile.
WITH fence AS (
    SELECT r.run_id
      FROM pgstride.runners r
     WHERE r.component = $1 AND r.run_id = $9::uuid
       FOR SHARE
), gone AS (
    DELETE FROM pgstride.backfills b
     USING fence
     WHERE b.component = $1 AND b.version = $2 AND b.number = $3::integer
       AND b.leaf = $4::oid AND b.part > 0 AND b.filenode <> $6::oid
    RETURNING b.*
), whole AS (
    INSERT INTO pgstride.backfills AS b
           (component, version, number, leaf, leaf_name, filenode, end_block, rows_total,
            rows_done, hot_rows, wal_bytes, batches, run_id)
    SELECT $1, $2, $3::integer, $4::oid, $5, $6::oid, $7::bigint, greatest($8::bigint, 0),
           g.rows_done, g.hot_rows, g.wal_bytes, g.batches, fence.run_id
      FROM fence
     CROSS JOIN (SELECT coalesce(pg_catalog.sum(rows_done), 0)::bigint AS rows_done,
                        coalesce(pg_catalog.sum(hot_rows), 0)::bigint AS hot_rows,
                        coalesce(pg_catalog.sum(wal_bytes), 0)::bigint AS wal_bytes,
                        coalesce(pg_catalog.sum(batches), 0)::bigint AS batches
                   FROM gone) g
    ON CONFLICT (component, version, number, leaf, part) DO UPDATE SET
           run_id = excluded.run_id,
           leaf_name = excluded.leaf_name,
           filenode = excluded.filenode,
           position = CASE WHEN b.filenode = excluded.filenode THEN b.position ELSE 0 END,
           end_block = CASE WHEN b.filenode = excluded.filenode THEN b.end_block
                            ELSE excluded.end_block END,
           rows_done = b.rows_done + excluded.rows_done,
           hot_rows = b.hot_rows + excluded.hot_rows,
           wal_bytes = b.wal_bytes + excluded.wal_bytes,
           batches = b.batches + excluded.batches,
           skipped = CASE WHEN b.filenode = excluded.filenode THEN b.skipped ELSE '{}' END,
           swept = b.swept AND b.filenode = excluded.filenode,
           verified = b.verified AND b.filenode = excluded.filenode
    RETURNING b.*
), parts AS (
    UPDATE pgstride.backfills b SET run_id = fence.run_id
      FROM fence
     WHERE b.component = $1 AND b.version = $2 AND b.number = $3::integer
       AND b.leaf = $4::oid AND b.part > 0 AND b.filenode = $6::oid
    RETURNING b.*
)
SELECT part::bigint AS part, position, end_block, skipped, rows_done, rows_total, hot_rows,
       wal_bytes, swept, verified
  FROM (SELECT * FROM whole UNION ALL SELECT * FROM parts) p
 ORDER BY part;
