-- $1 component, $2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number, leaf_name AS leaf, position, end_block,
       IF(verified, 't', 'f') AS verified, last_xid
  FROM pgstride_backfills
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY version, number;
