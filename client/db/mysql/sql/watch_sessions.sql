-- gives: what matters of the sessions: transactions that idle, statements that take long, the
-- oldest first; needs PROCESS
SELECT p.ID AS pid, CONCAT(p.USER, '@', SUBSTRING_INDEX(p.HOST, ':', 1)) AS who, 'f' AS ours,
       IF(p.COMMAND = 'Sleep', 'idle', COALESCE(NULLIF(p.STATE, ''), p.COMMAND)) AS state,
       COALESCE(TIMESTAMPDIFF(MICROSECOND, x.trx_started, NOW(6)) DIV 1000, p.TIME * 1000) AS age_ms,
       p.TIME * 1000 AS state_ms, p.INFO AS query, NULL AS waits_for, '{}' AS blockers
  FROM information_schema.PROCESSLIST p
  LEFT JOIN information_schema.INNODB_TRX x ON x.trx_mysql_thread_id = p.ID
 WHERE p.ID <> CONNECTION_ID() AND p.DB = DATABASE()
   AND (TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) > 1 OR p.COMMAND = 'Query' AND p.TIME > 1)
 ORDER BY age_ms DESC
 LIMIT 10;
