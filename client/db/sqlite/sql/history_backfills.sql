-- ?1 component, ?2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number, leaf AS leaf_oid, leaf_name AS leaf, filenode, 0 AS position, end_block,
       skipped, rows_done, rows_total, hot_rows, wal_bytes, batches,
       CASE WHEN swept THEN 't' ELSE 'f' END AS swept,
       CASE WHEN verified THEN 't' ELSE 'f' END AS verified, last_xid, started_at, finished_at
  FROM pgstride_backfills
 WHERE component = ?1 AND (?2 IS NULL OR version = ?2)
 ORDER BY version, number;
