-- $1 a table or an index, quoted as in SQL
-- gives: nothing, because these servers have no REINDEX CONCURRENTLY
SELECT NULL::text AS name, NULL::text AS leftover, NULL::text AS of_index
 WHERE $1::text IS NULL;
