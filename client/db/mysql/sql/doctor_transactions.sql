-- gives: transactions of others that are open for long, and the tables of this database that
-- they keep everybody from changing; whether the server tells of these. Needs PROCESS, and SELECT
-- on performance_schema
(SELECT 'transaction' AS kind,
       CONCAT(p.ID, ' ', p.USER, '@', SUBSTRING_INDEX(p.HOST, ':', 1)) AS object,
       CONCAT(TIMESTAMPDIFF(SECOND, x.trx_started, NOW()), ' s',
              COALESCE(CONCAT(' (', (SELECT GROUP_CONCAT(DISTINCT l.OBJECT_NAME ORDER BY l.OBJECT_NAME SEPARATOR ', ')
                                       FROM performance_schema.metadata_locks l
                                       JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
                                      WHERE t.PROCESSLIST_ID = p.ID AND l.OBJECT_TYPE = 'TABLE'
                                        AND l.OBJECT_SCHEMA = DATABASE() AND l.LOCK_STATUS = 'GRANTED'), ')'), '')) AS detail
  FROM information_schema.INNODB_TRX x
  JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id
 WHERE p.ID <> CONNECTION_ID() AND TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) >= 10
 ORDER BY x.trx_started LIMIT 5)
 UNION ALL
SELECT 'locks-unnamed', '', NULL FROM DUAL
 WHERE NOT EXISTS (SELECT 1 FROM performance_schema.setup_instruments
                    WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES');
