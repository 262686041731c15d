-- ?1 name of a table
-- gives: its columns, generated ones too
SELECT name, type, cid + 1 AS number, CASE WHEN "notnull" THEN 't' ELSE 'f' END AS not_null,
       CASE WHEN hidden IN (2, 3) THEN 't' ELSE 'f' END AS generated, 'f' AS identity,
       dflt_value AS default_sql, pk
  FROM pragma_table_xinfo(?1)
 WHERE hidden <> 1;
