-- gives: tables that a backfill cannot go along, and those whose changes cannot be taken back
SELECT 'keyless' AS kind, GROUP_CONCAT(t.TABLE_NAME ORDER BY t.TABLE_NAME SEPARATOR ', ') AS object, NULL AS detail
  FROM information_schema.TABLES t
 WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_NAME NOT LIKE 'pgstride\_%'
   AND NOT EXISTS (SELECT 1 FROM information_schema.STATISTICS s
                    WHERE s.TABLE_SCHEMA = t.TABLE_SCHEMA AND s.TABLE_NAME = t.TABLE_NAME AND s.NON_UNIQUE = 0
                    GROUP BY s.INDEX_NAME HAVING SUM(s.NULLABLE = 'YES') = 0)
HAVING object IS NOT NULL
 UNION ALL
SELECT 'without-transactions',
       GROUP_CONCAT(t.TABLE_NAME, ' (', t.ENGINE, ')' ORDER BY t.TABLE_NAME SEPARATOR ', '), NULL
  FROM information_schema.TABLES t
 WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND t.ENGINE <> 'InnoDB'
HAVING COUNT(*) > 0;
