-- gives: what a run may have left in this database, as far as the catalog says: see
-- core/doctor.h
SELECT 'ask' AS kind, CONCAT('`', t.TABLE_NAME, '`') AS object, NULL AS `table`,
       NULL AS table_schema, t.TABLE_NAME AS table_name, NULL AS object_schema, NULL AS object_name,
       NULL AS definition, CONCAT('DROP TABLE IF EXISTS `', t.TABLE_NAME, '`') AS mend,
       't' AS may_mend, 'f' AS has_function
  FROM information_schema.TABLES t
 WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME LIKE 'pgstride\_ask\_%'
   AND IS_FREE_LOCK(CONCAT('pgstride:', SUBSTRING_INDEX(t.TABLE_NAME, '_', 3))) = 1
 UNION ALL
SELECT 'trigger', CONCAT('`', REPLACE(g.TRIGGER_NAME, '`', '``'), '`'),
       CONCAT('`', REPLACE(g.EVENT_OBJECT_TABLE, '`', '``'), '`'),
       NULL, g.EVENT_OBJECT_TABLE, NULL, NULL, g.TRIGGER_NAME,
       CONCAT('DROP TRIGGER IF EXISTS `', REPLACE(g.TRIGGER_NAME, '`', '``'), '`'), 't', 'f'
  FROM information_schema.TRIGGERS g
 WHERE g.TRIGGER_SCHEMA = DATABASE() AND g.TRIGGER_NAME REGEXP '^pgstride_.+_(insert|update)$'
 ORDER BY kind, object;
