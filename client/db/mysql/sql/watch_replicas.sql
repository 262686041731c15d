-- gives: replicas that read our binary log; how far they have applied it only they know
SELECT 'replica' AS kind, CONCAT(p.USER, '@', SUBSTRING_INDEX(p.HOST, ':', 1)) AS name,
       COALESCE(p.STATE, 'connected') AS state, NULL AS lag_ms, NULL AS bytes
  FROM information_schema.PROCESSLIST p WHERE p.COMMAND LIKE 'Binlog Dump%'
 ORDER BY name;
