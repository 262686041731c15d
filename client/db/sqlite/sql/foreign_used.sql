-- ?1 schema
-- gives: whether there are tables, but for our own and those of SQLite
SELECT CASE WHEN count(*) > 0 THEN 't' ELSE 'f' END AS used
  FROM pragma_table_list
 WHERE schema = ?1 AND type IN ('table', 'virtual')
   AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'pgstride\_%' ESCAPE '\';
