-- ?1 name of a table
-- gives: what there is of it, and whether ANALYZE has ever been run; no row: there is none
SELECT s.name, s.type, s.sql,
       (SELECT count(*) FROM pragma_index_list(s.name)) AS indexes,
       (SELECT CASE WHEN wr THEN 't' ELSE 'f' END FROM pragma_table_list(s.name)
         WHERE schema = 'main') AS without_rowid,
       CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1')
            THEN 't' ELSE 'f' END AS analyzed
  FROM sqlite_schema s
 WHERE s.name = ?1 COLLATE NOCASE AND s.type IN ('table', 'view');
