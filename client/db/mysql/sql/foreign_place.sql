-- $1 schema or null (then this database), $2 table
-- gives: that schema, whether the table is there and may be read, what may not be done
-- to it (DELETE is said of no column), its columns in order, and who asks, as GRANT
-- names them.
-- The catalog shows a table only to who may do something with it.
SELECT COALESCE($1, DATABASE()) AS `schema`,
       IF(COUNT(c.COLUMN_NAME) > 0, 't', 'f') AS here,
       IF(COUNT(c.COLUMN_NAME) = SUM(FIND_IN_SET('select', c.PRIVILEGES) > 0), 't', 'f') AS readable,
       CONCAT_WS(', ', IF(SUM(FIND_IN_SET('insert', c.PRIVILEGES) > 0) = 0, 'INSERT', NULL),
                 IF(SUM(FIND_IN_SET('update', c.PRIVILEGES) > 0) = 0, 'UPDATE', NULL)) AS denied,
       NULL AS denied_sequence,
       DATABASE() AS `database`,
       CONCAT(QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1))) AS role,
       GROUP_CONCAT(c.COLUMN_NAME ORDER BY c.ORDINAL_POSITION) AS `columns`
  FROM information_schema.COLUMNS c
 WHERE c.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND c.TABLE_NAME = $2;
