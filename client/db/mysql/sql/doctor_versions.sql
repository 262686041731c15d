-- gives: tables that have had most of the INSTANT changes that they can hold; needs PROCESS
SELECT 'row-versions' AS kind,
       GROUP_CONCAT(SUBSTRING_INDEX(t.NAME, '/', -1), ' (', t.TOTAL_ROW_VERSIONS, ' of ', limits.most, ')'
                    ORDER BY t.TOTAL_ROW_VERSIONS DESC SEPARATOR ', ') AS object,
       NULL AS detail
  FROM information_schema.INNODB_TABLES t
  JOIN (SELECT IF(CAST(SUBSTRING_INDEX(VERSION(), '.', 2) AS DECIMAL(4, 1)) >= 9.1, 255, 64) AS most) limits
 WHERE t.NAME LIKE CONCAT(REPLACE(DATABASE(), '_', '\_'), '/%') AND t.TOTAL_ROW_VERSIONS * 4 >= limits.most * 3
HAVING COUNT(*) > 0;
