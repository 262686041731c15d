-- ?1 table
-- gives: by what its rows are told apart and gone along, in order: its rowid, by the name
-- that no column of its own has, or without rowids its primary key; null: there is none;
-- and whether it is the rowid;
-- no row: there is no such table
SELECT name, CASE WHEN place = 0 THEN 't' ELSE 'f' END AS is_rowid
  FROM (SELECT c.name, c.pk AS place
          FROM pragma_table_list t, pragma_table_info(t.name) c
         WHERE t.schema = 'main' AND t.name = ?1 COLLATE NOCASE AND t.wr AND c.pk > 0
         UNION ALL
        SELECT (SELECT a.column1 FROM (VALUES ('rowid'), ('oid'), ('_rowid_')) a
                 WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info(t.name) c
                                    WHERE lower(c.name) = a.column1)
                 ORDER BY a.column1 DESC LIMIT 1), 0
          FROM pragma_table_list t
         WHERE t.schema = 'main' AND t.name = ?1 COLLATE NOCASE AND NOT t.wr
           AND t.type <> 'view')
 ORDER BY place;
