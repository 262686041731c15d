-- gives: what a run may have left in this file, as far as its schema says: see
-- core/doctor.h. Tables that are made again stand in one transaction with what they
-- replace, so that none is left but by who did it without.
SELECT 'trigger' AS kind, '"' || replace(name, '"', '""') || '"' AS object,
       '"' || replace(tbl_name, '"', '""') || '"' AS "table",
       NULL AS table_schema, tbl_name AS table_name, NULL AS object_schema, NULL AS object_name,
       name AS definition, 'DROP TRIGGER IF EXISTS "' || replace(name, '"', '""') || '"' AS mend,
       't' AS may_mend, 'f' AS has_function
  FROM sqlite_schema
 WHERE type = 'trigger' AND name LIKE 'pgstride\_sync\_%' ESCAPE '\'
 UNION ALL
SELECT 'rebuild', '"' || replace(n.name, '"', '""') || '"', NULL, NULL, n.name, NULL, NULL, NULL,
       'DROP TABLE IF EXISTS "' || replace(n.name, '"', '""') || '"', 't', 'f'
  FROM sqlite_schema n
 WHERE n.type = 'table' AND n.name LIKE 'pgstride\_new\_%' ESCAPE '\'
   AND EXISTS (SELECT 1 FROM sqlite_schema o WHERE o.type = 'table' AND o.name = substr(n.name, 14))
 ORDER BY kind, object;
