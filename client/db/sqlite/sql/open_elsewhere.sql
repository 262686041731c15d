-- ?1 component
-- gives: the tables that migrations of other components have begun to fill and not
-- contracted
SELECT m.component, m.version || CASE WHEN m.name = '' THEN '' ELSE '_' || m.name END AS label,
       'main' AS schema, b.leaf_name AS name
  FROM pgstride_migrations m
  JOIN pgstride_backfills b ON b.component = m.component AND b.version = m.version
 WHERE m.component <> ?1 AND m.state IN ('expanded', 'backfilled');
