-- $1 schema or null, $2 table, $3 connection that asks, or 0
-- gives: who keeps this server's copy of it from being changed, for a second or longer; of
-- those the oldest. Without performance_schema the server does not say which tables somebody
-- has read: then whoever has a transaction open counts. Asked of replicas, whose applier is not
-- meant. Needs PROCESS, and SELECT on performance_schema
SELECT p.ID AS pid, p.USER AS user_name, SUBSTRING_INDEX(p.HOST, ':', 1) AS client, p.COMMAND AS state,
       TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) AS seconds, LEFT(COALESCE(p.INFO, ''), 200) AS query
  FROM information_schema.INNODB_TRX x
  JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id
 WHERE p.ID NOT IN (CONNECTION_ID(), $3) AND p.USER <> 'system user'
   AND TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) >= 1
   AND EXISTS (SELECT 1 FROM information_schema.TABLES
                WHERE TABLE_SCHEMA = COALESCE($1, DATABASE()) AND TABLE_NAME = $2)
   AND (NOT EXISTS (SELECT 1 FROM performance_schema.setup_instruments
                     WHERE NAME = 'wait/lock/metadata/sql/mdl' AND ENABLED = 'YES')
     OR EXISTS (SELECT 1 FROM performance_schema.metadata_locks l
                  JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
                 WHERE t.PROCESSLIST_ID = p.ID AND l.OBJECT_TYPE = 'TABLE' AND l.LOCK_STATUS = 'GRANTED'
                   AND l.OBJECT_SCHEMA = COALESCE($1, DATABASE()) AND l.OBJECT_NAME = $2))
 ORDER BY seconds DESC LIMIT 1;
