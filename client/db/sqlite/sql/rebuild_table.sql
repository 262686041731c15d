-- ?1 table
-- gives: how it was made, and by what name its rowids are to be had; null: it has none, or
-- a column stands for them, or every name is that of a column
SELECT s.sql,
       CASE WHEN (SELECT wr FROM pragma_table_list(s.name) WHERE schema = 'main') = 0
             AND (NOT EXISTS (SELECT 1 FROM pragma_table_info(s.name) WHERE pk > 0)
                  OR EXISTS (SELECT 1 FROM pragma_index_list(s.name) WHERE origin = 'pk'))
            THEN (SELECT a.column1 FROM (VALUES ('rowid'), ('oid'), ('_rowid_')) a
                   WHERE NOT EXISTS (SELECT 1 FROM pragma_table_xinfo(s.name) c
                                      WHERE lower(c.name) = a.column1)
                   ORDER BY a.column1 DESC LIMIT 1)
            END AS rowids
  FROM sqlite_schema s
 WHERE s.type = 'table' AND s.name = ?1 COLLATE NOCASE;
