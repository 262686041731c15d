-- $1 schema or null, $2 table, $3 connection that asks, or 0
-- gives: who keeps this server's copy of it from being changed, for a second or longer; of
-- those the oldest. A replica's applier is not meant. Needs PROCESS, and SELECT on
-- performance_schema
SELECT t.PROCESSLIST_ID AS pid, t.PROCESSLIST_USER AS user_name, COALESCE(t.PROCESSLIST_HOST, '?') AS client,
       COALESCE(t.PROCESSLIST_COMMAND, '?') AS state,
       GREATEST(COALESCE(TIMESTAMPDIFF(SECOND, x.trx_started, NOW()), 0), COALESCE(t.PROCESSLIST_TIME, 0)) AS seconds,
       LEFT(COALESCE(t.PROCESSLIST_INFO, ''), 200) AS query
  FROM performance_schema.metadata_locks l
  JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
  LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = t.PROCESSLIST_ID
 WHERE l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = COALESCE($1, DATABASE()) AND l.OBJECT_NAME = $2
   AND l.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID NOT IN (CONNECTION_ID(), $3)
   AND COALESCE(t.PROCESSLIST_USER, 'system user') <> 'system user'
HAVING seconds >= 1
 ORDER BY seconds DESC LIMIT 1;
