-- $1 schema or null, $2 table, $3 connection that asks
-- gives: who has a transaction open that may hold the table: which tables it has read, the
-- server does not say
SELECT p.ID AS pid, p.USER AS user_name, SUBSTRING_INDEX(p.HOST, ':', 1) AS client,
       p.COMMAND AS state, TIMESTAMPDIFF(SECOND, x.trx_started, NOW()) AS seconds,
       LEFT(COALESCE(p.INFO, ''), 200) AS query
  FROM information_schema.INNODB_TRX x
  JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id
 WHERE p.ID NOT IN (CONNECTION_ID(), $3) AND $1 <=> $1 AND $2 <=> $2
 ORDER BY seconds DESC;
