-- ?1 component, ?2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number, leaf_name AS leaf, 0 AS position, end_block,
       CASE WHEN verified THEN 't' ELSE 'f' END AS verified, last_xid
  FROM pgstride_backfills
 WHERE component = ?1 AND (?2 IS NULL OR version = ?2)
 ORDER BY version, number;
