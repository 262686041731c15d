-- $1 component
-- gives: the tables that migrations of other components have begun to fill and not
-- contracted
SELECT m.component, CONCAT_WS('_', m.version, NULLIF(m.name, '')) AS label,
       DATABASE() AS `schema`, b.leaf_name AS name
  FROM pgstride_migrations m
  JOIN pgstride_backfills b ON b.component = m.component AND b.version = m.version
 WHERE m.component <> $1 AND m.state IN ('expanded', 'backfilled');
