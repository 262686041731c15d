-- $1 schema or null (then the search path decides), $2 table of another runner
-- gives: whether it is here; what is in it nobody reads yet
SELECT EXISTS (SELECT 1 FROM information_schema.tables
                WHERE table_name = $2::text
                  AND table_schema = ANY (CASE WHEN $1::text IS NULL
                                               THEN current_schemas(false)::text[]
                                               ELSE ARRAY[$1::text] END)) AS here;
