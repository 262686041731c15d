-- $1 schema or null (then the search path decides), $2 name
-- gives: the table, if there is one
SELECT table_schema::text AS schema_name, table_name::text AS table_name
  FROM information_schema.tables
 WHERE table_name = $2::text
   AND table_schema = ANY (CASE WHEN $1::text IS NULL THEN current_schemas(false)::text[]
                                ELSE ARRAY[$1::text] END)
 ORDER BY array_position(current_schemas(false)::text[], table_schema::text)
 LIMIT 1;
