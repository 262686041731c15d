-- gives: every table and view that people made and this session may look into, and
-- whether it is found without its schema
SELECT n.nspname::text AS schema_name,
       c.relname::text AS table_name,
       pg_catalog.pg_table_is_visible(c.oid) AS is_visible
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND n.nspname <> 'information_schema'
   AND n.nspname !~ '^(pg_|pgstride)'
   AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
 ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname, c.relname
 LIMIT 10000;
