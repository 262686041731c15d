-- $1 schema or null, $2 table, $3 connection that asks
-- gives: who holds a metadata lock on it, the oldest transaction first
SELECT t.PROCESSLIST_ID AS pid, COALESCE(t.PROCESSLIST_USER, '?') AS user_name,
       COALESCE(t.PROCESSLIST_HOST, '?') AS client, COALESCE(t.PROCESSLIST_COMMAND, '?') AS state,
       COALESCE(t.PROCESSLIST_TIME, 0) AS seconds, LEFT(COALESCE(t.PROCESSLIST_INFO, ''), 200) AS query
  FROM performance_schema.metadata_locks l
  JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
 WHERE l.OBJECT_TYPE = 'TABLE' AND l.OBJECT_SCHEMA = COALESCE($1, DATABASE()) AND l.OBJECT_NAME = $2
   AND l.LOCK_STATUS = 'GRANTED' AND t.PROCESSLIST_ID NOT IN (CONNECTION_ID(), $3)
 GROUP BY t.PROCESSLIST_ID, t.PROCESSLIST_USER, t.PROCESSLIST_HOST, t.PROCESSLIST_COMMAND,
          t.PROCESSLIST_TIME, t.PROCESSLIST_INFO
 ORDER BY seconds DESC;
