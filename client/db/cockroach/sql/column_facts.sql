-- $1 schema, $2 table
-- gives: its columns
SELECT column_name::text AS name, data_type::text AS type,
       ordinal_position::bigint AS number, is_nullable = 'NO' AS not_null,
       is_generated = 'ALWAYS' AS generated
  FROM information_schema.columns
 WHERE table_schema = $1 AND table_name = $2
 ORDER BY ordinal_position;
