-- gives: whether pgstride's tables are here; who reads the file reads them
SELECT CASE WHEN EXISTS (SELECT 1 FROM sqlite_schema
                          WHERE type = 'table' AND name = 'pgstride_bookkeeping')
            THEN 't' ELSE 'f' END AS here,
       't' AS readable;
