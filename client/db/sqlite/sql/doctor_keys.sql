-- gives: foreign keys that do not hold, of one table to another. An error where a key names
-- what is none.
SELECT 'keys-broken' AS kind, '"' || replace("table", '"', '""') || '"' AS object, NULL AS "table",
       NULL AS table_schema, "table" AS table_name, NULL AS object_schema, NULL AS object_name,
       count(*) || CASE count(*) WHEN 1 THEN ' row points' ELSE ' rows point' END || ' at nothing in "' || parent || '"' AS definition,
       'delete those rows, or point them at others: PRAGMA foreign_key_check(' || "table" || ') names them' AS mend,
       't' AS may_mend, 'f' AS has_function
  FROM pragma_foreign_key_check
 GROUP BY "table", parent ORDER BY "table", parent;
