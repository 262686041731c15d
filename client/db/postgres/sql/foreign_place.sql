-- $1 schema, or null: the first of the search path, $2 table
-- gives: that schema, whether the table is there and may be read, what may not be done
-- to it, the sequence of its numbers where that may not be used, its columns in order,
-- and who asks, as GRANT names them. (An identity's sequence asks nobody.)
SELECT s.name AS schema,
       t.oid IS NOT NULL AS here,
       pg_catalog.has_table_privilege(t.oid, 'SELECT') AS readable,
       pg_catalog.concat_ws(', ',
           CASE WHEN NOT pg_catalog.has_any_column_privilege(t.oid, 'INSERT') THEN 'INSERT' END,
           CASE WHEN NOT pg_catalog.has_any_column_privilege(t.oid, 'UPDATE') THEN 'UPDATE' END,
           CASE WHEN NOT pg_catalog.has_table_privilege(t.oid, 'DELETE') THEN 'DELETE' END) AS denied,
       CASE WHEN c.counted AND NOT pg_catalog.has_sequence_privilege(q.sequence, 'USAGE, UPDATE')
            THEN q.sequence::text END AS denied_sequence,
       pg_catalog.current_database() AS database,
       pg_catalog.quote_ident(current_user) AS role,
       c.columns
  FROM (SELECT coalesce($1::text, pg_catalog.current_schema()) AS name) s
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = s.name
  LEFT JOIN pg_catalog.pg_class t
    ON t.relnamespace = n.oid AND t.relname = $2 AND t.relkind IN ('r', 'p')
 CROSS JOIN LATERAL (SELECT pg_catalog.string_agg(a.attname, ',' ORDER BY a.attnum) AS columns,
                            pg_catalog.bool_or(a.attname = 'id' AND a.atthasdef AND a.attidentity = '') AS counted
                       FROM pg_catalog.pg_attribute a
                      WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) c
 CROSS JOIN LATERAL (SELECT pg_catalog.to_regclass(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname || '_id_seq')) AS sequence) q;
