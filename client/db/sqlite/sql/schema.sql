-- gives: how everything of the user's was made, tables before what stands on them, and our
-- tables, so that who writes to them is seen; shadow tables come with the virtual table that
-- they are of
SELECT name, sql FROM sqlite_schema
 WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
   AND (type = 'table' OR name NOT LIKE 'pgstride\_%' ESCAPE '\')
   AND name NOT IN (SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow')
 ORDER BY CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid;
