-- gives: whether pgstride's tables are here, and whether the current role may read them
-- (catalog look-ups: a failing SELECT would scare whoever reads the server's log, and
-- to_regclass fails without USAGE)
SELECT c.oid IS NOT NULL AS here,
       coalesce(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND
                pg_catalog.has_table_privilege(c.oid, 'SELECT'), true) AS readable
  FROM (SELECT) AS one
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'pgstride'
  LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'bookkeeping';
