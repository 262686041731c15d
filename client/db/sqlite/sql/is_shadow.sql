-- ?1 table
-- gives: whether a virtual table keeps its rows in it
SELECT CASE WHEN EXISTS (SELECT 1 FROM pragma_table_list
                          WHERE schema = 'main' AND type = 'shadow' AND name = ?1 COLLATE NOCASE)
            THEN 't' ELSE 'f' END AS shadow;
