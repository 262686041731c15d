-- $1 component, $2 version, $3 number of the backfill, $4 oid of the table, $5 part
-- gives: what its row of progress says; no row: it is gone
SELECT position, skipped, rows_done, hot_rows, wal_bytes
  FROM pgstride.backfills
 WHERE component = $1 AND version = $2 AND number = $3::integer AND leaf = $4::oid
   AND part = $5::integer;
