-- ?1 name of a table
-- gives: its triggers
SELECT name, '' AS function, sql AS definition, 'O' AS enabled, 'f' AS before_row,
       't' AS on_update, 't' AS on_insert, 't' AS on_delete,
       CASE WHEN name LIKE 'pgstride\_%' ESCAPE '\' THEN 't' ELSE 'f' END AS ours
  FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1 COLLATE NOCASE;
