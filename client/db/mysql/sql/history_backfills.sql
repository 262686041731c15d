-- $1 component, $2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number, leaf AS leaf_oid, leaf_name AS leaf, filenode, position, end_block,
       skipped, rows_done, rows_total, hot_rows, wal_bytes, batches,
       IF(swept, 't', 'f') AS swept, IF(verified, 't', 'f') AS verified, last_xid,
       CONCAT(DATE_FORMAT(started_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(started_at, '%f'), 3), 'Z') AS started_at,
       CONCAT(DATE_FORMAT(finished_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(finished_at, '%f'), 3), 'Z') AS finished_at
  FROM pgstride_backfills b
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY version, number;
