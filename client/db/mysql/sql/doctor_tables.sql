-- gives: tables that a backfill cannot go along, and those whose changes cannot be taken
-- back; ten of them by name. Each view is read once: asked table by table, thousands of them take minutes.
WITH keyed AS (
    SELECT DISTINCT k.TABLE_NAME
      FROM (SELECT s.TABLE_NAME, s.INDEX_NAME
              FROM information_schema.STATISTICS s
             WHERE s.TABLE_SCHEMA = DATABASE() AND s.NON_UNIQUE = 0
             GROUP BY s.TABLE_NAME, s.INDEX_NAME HAVING SUM(s.NULLABLE = 'YES') = 0) k
), users AS (
    SELECT t.TABLE_NAME, t.ENGINE
      FROM information_schema.TABLES t
     WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_NAME NOT LIKE 'pgstride\_%'
)
SELECT 'keyless' AS kind,
       CONCAT(SUBSTRING_INDEX(GROUP_CONCAT(u.TABLE_NAME ORDER BY u.TABLE_NAME SEPARATOR ', '), ', ', 10),
              IF(COUNT(*) > 10, CONCAT(' and ', COUNT(*) - 10, ' more'), '')) AS object, NULL AS detail
  FROM users u LEFT JOIN keyed k ON k.TABLE_NAME = u.TABLE_NAME
 WHERE k.TABLE_NAME IS NULL
HAVING COUNT(*) > 0
 UNION ALL
SELECT 'without-transactions',
       CONCAT(SUBSTRING_INDEX(GROUP_CONCAT(u.TABLE_NAME, ' (', u.ENGINE, ')' ORDER BY u.TABLE_NAME SEPARATOR ', '), ', ', 10),
              IF(COUNT(*) > 10, CONCAT(' and ', COUNT(*) - 10, ' more'), '')), NULL
  FROM users u WHERE u.ENGINE <> 'InnoDB'
HAVING COUNT(*) > 0;
