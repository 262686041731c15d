-- $1 component
-- gives: the tables that migrations of other components have begun to fill and not
-- contracted
SELECT m.component, concat_ws('_', m.version, NULLIF(m.name, '')) AS label,
       NULL::text AS schema, b.leaf_name AS name
  FROM pgstride.migrations m
  JOIN pgstride.backfills b ON b.component = m.component AND b.version = m.version
 WHERE m.component <> $1 AND m.state IN ('expanded', 'backfilled');
