-- $1 a table or an index, quoted as in SQL, or null; $2 a schema, or null
-- gives: nothing, because these servers have no REINDEX CONCURRENTLY
SELECT NULL::text AS name, NULL::text AS leftover, NULL::text AS of_index
 WHERE false AND $1::text = $2::text;
