-- $1 schema, or null: the first of the search path, $2 table
-- gives: that schema, whether the table is there and may be read, its columns in order,
-- and who asks, as GRANT names them.
-- Without a primary key of its own a table has a hidden one, "rowid".
SELECT s.name AS schema, t.columns IS NOT NULL AS here,
       coalesce(has_table_privilege(quote_ident(t.schema) || '.' || quote_ident($2::text), 'SELECT'), false) AS readable,
       NULL::text AS denied, NULL::text AS denied_sequence,
       current_database()::text AS database, quote_ident(current_user::text) AS role, t.columns
  FROM (SELECT coalesce($1::text, current_schema()::text) AS name) s
  LEFT JOIN (SELECT c.table_schema::text AS schema,
                    string_agg(c.column_name::text, ',' ORDER BY c.ordinal_position) AS columns
               FROM information_schema.columns c
              WHERE c.table_name = $2::text AND c.column_name <> 'rowid'
              GROUP BY c.table_schema) t ON t.schema = s.name;
