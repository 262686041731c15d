-- ?1 name of a table
-- gives: what there is of it; no row: there is none. How many rows is an estimate: the
-- highest rowid, or what ANALYZE found.
SELECT s.name, s.type, s.sql,
       (SELECT count(*) FROM pragma_index_list(s.name)) AS indexes,
       (SELECT CASE WHEN wr THEN 't' ELSE 'f' END FROM pragma_table_list(s.name)
         WHERE schema = 'main') AS without_rowid,
       coalesce((SELECT CAST(substr(stat, 1, instr(stat || ' ', ' ') - 1) AS INTEGER)
                   FROM (SELECT NULL AS stat)), -1) AS rows
  FROM sqlite_schema s
 WHERE s.name = ?1 COLLATE NOCASE AND s.type IN ('table', 'view');
