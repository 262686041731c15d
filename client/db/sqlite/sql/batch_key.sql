-- ?1 table
-- gives: why no backfill can go along its rowids, or empty; no row: there is no such table
SELECT CASE WHEN t.wr THEN 'it is made WITHOUT ROWID'
            WHEN EXISTS (SELECT 1 FROM pragma_table_info(t.name) c
                          WHERE lower(c.name) = 'rowid' AND NOT (c.pk > 0 AND upper(c.type) = 'INTEGER'))
            THEN 'a column of its own is named rowid'
            ELSE '' END AS why
  FROM pragma_table_list t
 WHERE t.schema = 'main' AND t.name = ?1 COLLATE NOCASE;
