-- $1 component
-- gives: the tables, and what they are parts of, that migrations of other components
-- have begun to fill and not contracted
WITH RECURSIVE open_table (component, label, oid) AS (
    SELECT m.component, pg_catalog.concat_ws('_', m.version, NULLIF(m.name, '')), b.leaf
      FROM pgstride.migrations m
      JOIN pgstride.backfills b ON b.component = m.component AND b.version = m.version
     WHERE m.component <> $1 AND m.state IN ('expanded', 'backfilled')
    UNION
    SELECT o.component, o.label, i.inhparent
      FROM open_table o
      JOIN pg_catalog.pg_inherits i ON i.inhrelid = o.oid
)
SELECT o.component, o.label, n.nspname AS schema, c.relname AS name
  FROM open_table o
  JOIN pg_catalog.pg_class c ON c.oid = o.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;
