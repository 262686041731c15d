-- $1 schema
-- gives: whether anything is in it that Flyway would not find in an empty one: no part
-- of an extension, no type of an array or of a table's rows
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
                WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'S', 't')
                  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                   WHERE d.objid = c.oid AND d.deptype = 'e'))
       OR EXISTS (SELECT FROM pg_catalog.pg_type t
                   WHERE t.typnamespace = n.oid AND t.typcategory NOT IN ('A', 'C')
                     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                      WHERE d.objid = t.oid AND d.deptype = 'e'))
       OR EXISTS (SELECT FROM pg_catalog.pg_proc p
                   WHERE p.pronamespace = n.oid
                     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                      WHERE d.objid = p.oid AND d.deptype = 'e')) AS used
  FROM (SELECT 1) one
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1;
