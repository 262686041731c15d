-- gives: what the library finds damaged. Without a WAL who reads keeps out who writes, so
-- that only small files are read then.
SELECT 'damaged' AS kind, 'the file' AS object, NULL AS "table",
       NULL AS table_schema, NULL AS table_name, NULL AS object_schema, NULL AS object_name,
       quick_check AS definition,
       NULL AS mend, 't' AS may_mend, 'f' AS has_function
  FROM pragma_quick_check
 WHERE quick_check <> 'ok'
   AND ((SELECT journal_mode FROM pragma_journal_mode) = 'wal' OR
        (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size) < 1000000000);
