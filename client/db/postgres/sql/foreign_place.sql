-- $1 schema, or null: the first of the search path, $2 table
-- gives: that schema, whether the table is there and may be read, its columns in order,
-- and who asks, as GRANT names them
SELECT s.name AS schema,
       t.oid IS NOT NULL AS here,
       pg_catalog.has_table_privilege(t.oid, 'SELECT') AS readable,
       pg_catalog.current_database() AS database,
       pg_catalog.quote_ident(current_user) AS role,
       (SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a
         WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM (SELECT coalesce($1::text, pg_catalog.current_schema()) AS name) s
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = s.name
  LEFT JOIN pg_catalog.pg_class t
    ON t.relnamespace = n.oid AND t.relname = $2 AND t.relkind IN ('r', 'p');
