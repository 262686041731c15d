-- gives: who waits for a lock and for whom, and whom they wait for; needs PROCESS and
-- SELECT on performance_schema. While that, or its instrument of metadata locks, is off
-- nobody knows who has a table: then only who waits for one is told. Who only reads or
-- writes a table waits for those who want it alone, also while they wait themselves.
WITH held AS (
    SELECT t.PROCESSLIST_ID AS pid, l.OBJECT_SCHEMA AS in_schema, l.OBJECT_NAME AS name, l.LOCK_STATUS AS status,
           l.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE') AS alone
      FROM performance_schema.metadata_locks l
      JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
     WHERE l.OBJECT_TYPE = 'TABLE'
), waits AS (
    SELECT w.pid, b.pid AS blocker, CONCAT('table ', w.name) AS waits_for
      FROM held w
      JOIN held b ON b.in_schema = w.in_schema AND b.name = w.name AND b.pid <> w.pid
       AND IF(w.alone, b.status = 'GRANTED', b.alone)
     WHERE w.status = 'PENDING'
     UNION
    SELECT p.ID, NULL, 'a table'
      FROM information_schema.PROCESSLIST p
     WHERE p.STATE = 'Waiting for table metadata lock'
       AND p.ID NOT IN (SELECT pid FROM held WHERE status = 'PENDING')
     UNION
    SELECT wx.trx_mysql_thread_id, bx.trx_mysql_thread_id, CONCAT('a row of ', REPLACE(SUBSTRING_INDEX(k.lock_table, '.', -1), '`', ''))
      FROM information_schema.INNODB_LOCK_WAITS l
      JOIN information_schema.INNODB_TRX wx ON wx.trx_id = l.requesting_trx_id
      JOIN information_schema.INNODB_TRX bx ON bx.trx_id = l.blocking_trx_id
      JOIN information_schema.INNODB_LOCKS k ON k.lock_id = l.requested_lock_id
), met AS (
    SELECT pid FROM waits UNION SELECT blocker FROM waits WHERE blocker IS NOT NULL
)
SELECT met.pid, CONCAT(COALESCE(p.USER, '?'), '@', COALESCE(SUBSTRING_INDEX(p.HOST, ':', 1), '?')) AS who,
       'f' AS ours, IF(p.COMMAND = 'Sleep', 'idle', COALESCE(NULLIF(p.STATE, ''), p.COMMAND)) AS state,
       TIMESTAMPDIFF(MICROSECOND, x.trx_started, NOW(6)) DIV 1000 AS age_ms, p.TIME * 1000 AS state_ms,
       p.INFO AS query, MIN(w.waits_for) AS waits_for,
       CONCAT('{', COALESCE(GROUP_CONCAT(DISTINCT w.blocker), ''), '}') AS blockers
  FROM met
  LEFT JOIN waits w ON w.pid = met.pid
  LEFT JOIN information_schema.PROCESSLIST p ON p.ID = met.pid
  LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = met.pid
 GROUP BY met.pid, p.USER, p.HOST, p.COMMAND, p.STATE, p.TIME, p.INFO, x.trx_started
 ORDER BY x.trx_started, met.pid
 LIMIT 60;
