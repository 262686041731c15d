-- ?1 schema or null (there is one), ?2 table
-- gives: that schema, whether the table is there and may be read, its columns in order
SELECT 'main' AS schema,
       CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?2)
            THEN 't' ELSE 'f' END AS here,
       't' AS readable,
       'main' AS database,
       (SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_table_info(?2) ORDER BY cid)) AS columns;
