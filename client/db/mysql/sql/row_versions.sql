-- $1 schema or null (then this database), $2 table
-- gives: how many versions of its rows INSTANT changes have left, and how many there may be;
-- needs PROCESS
SELECT t.TOTAL_ROW_VERSIONS AS versions,
       IF(CAST(SUBSTRING_INDEX(VERSION(), '.', 2) AS DECIMAL(4, 1)) >= 9.1, 255, 64) AS most
  FROM information_schema.INNODB_TABLES t
 WHERE t.NAME = CONCAT(COALESCE($1, DATABASE()), '/', $2);
