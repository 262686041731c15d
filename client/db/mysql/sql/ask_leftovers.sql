-- $1 schema or null (then this database)
-- gives: the empty tables of questions whose asker is gone
SELECT t.TABLE_NAME AS name
  FROM information_schema.TABLES t
 WHERE t.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND t.TABLE_NAME LIKE 'pgstride\_ask\_%'
   AND IS_FREE_LOCK(CONCAT('pgstride:', SUBSTRING_INDEX(t.TABLE_NAME, '_', 3))) = 1;
