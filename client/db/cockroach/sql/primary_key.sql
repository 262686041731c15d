-- $1 schema or null (then the search path decides), $2 table
-- gives: the columns of its primary key in order; hidden ones too
SELECT k.column_name::text AS name, c.data_type::text AS type
  FROM information_schema.table_constraints t
  JOIN information_schema.key_column_usage k
    ON k.constraint_schema = t.constraint_schema AND k.constraint_name = t.constraint_name
   AND k.table_schema = t.table_schema AND k.table_name = t.table_name
  JOIN information_schema.columns c
    ON c.table_schema = k.table_schema AND c.table_name = k.table_name
   AND c.column_name = k.column_name
 WHERE t.constraint_type = 'PRIMARY KEY' AND t.table_name = $2::text
   AND t.table_schema = coalesce($1::text, (
           SELECT s.table_schema::text FROM information_schema.tables s
            WHERE s.table_name = $2::text
              AND s.table_schema = ANY (current_schemas(false)::text[])
            ORDER BY array_position(current_schemas(false)::text[], s.table_schema::text)
            LIMIT 1))
 ORDER BY k.ordinal_position;
