-- ?1 table
-- gives: how it was made, and whether its rowids are nobody's column
SELECT s.sql,
       CASE WHEN (SELECT wr FROM pragma_table_list(s.name) WHERE schema = 'main') = 0
             AND NOT EXISTS (SELECT 1 FROM pragma_table_info(s.name)
                              WHERE lower(name) = 'rowid')
             AND NOT ((SELECT count(*) FROM pragma_table_info(s.name) WHERE pk > 0) = 1
                      AND EXISTS (SELECT 1 FROM pragma_table_info(s.name)
                                   WHERE pk = 1 AND upper(type) = 'INTEGER'))
            THEN 't' ELSE 'f' END AS rowids
  FROM sqlite_schema s
 WHERE s.type = 'table' AND s.name = ?1 COLLATE NOCASE;
