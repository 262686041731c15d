-- $1 component, $2 version or null (then all)
-- gives: how far each backfill is
SELECT version, number::bigint AS number, leaf_name AS leaf, position, end_block, verified,
       last_xid
  FROM pgstride.backfills
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY version, number, leaf, part;
