-- $1 component, $2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number::bigint AS number, leaf::bigint AS leaf_oid, leaf_name AS leaf,
       filenode::bigint AS filenode, position, end_block, skipped, rows_done, rows_total,
       hot_rows, wal_bytes, batches, swept, verified, last_xid,
       pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS finished_at
  FROM pgstride.backfills
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY version, number, leaf, part;
