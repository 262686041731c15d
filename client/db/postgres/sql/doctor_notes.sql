-- gives: what this role is not shown, and to whom it would have to be granted
SELECT 'activity-hidden' AS kind, current_user::text AS object, NULL AS detail
 WHERE NOT pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')
 UNION ALL
SELECT 'history-hidden', current_user::text, current_user::text
  FROM pg_catalog.pg_namespace n
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = 'bookkeeping'
 WHERE n.nspname = 'pgstride'
   AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'));
