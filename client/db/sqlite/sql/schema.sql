-- gives: how everything of the user's was made, tables before what stands on them
SELECT name, sql FROM sqlite_schema
 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
   AND name NOT LIKE 'pgstride\_%' ESCAPE '\'
 ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid;
