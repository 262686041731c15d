-- $1 unused
-- gives: one sample of the server's load; null where it does not say. Redo stands for WAL.
-- The one statement that is always running is this one.
SELECT NULL AS lag_ms, NULL AS lag_bytes, NULL AS replica, NULL AS slot_bytes, NULL AS slot,
       CAST(MAX(IF(s.VARIABLE_NAME = 'Threads_running', s.VARIABLE_VALUE, NULL)) AS SIGNED) - 1 AS active,
       NULL AS snapshot_ms, NULL AS snapshot, NULL AS dead_percent, NULL AS autovacuum, NULL AS table_name,
       CAST(COALESCE(MAX(IF(s.VARIABLE_NAME = 'Innodb_os_log_written', s.VARIABLE_VALUE, NULL)), 0) AS SIGNED)
           AS wal_bytes,
       NULL AS silent, NULL AS silent_at
  FROM information_schema.GLOBAL_STATUS s
 WHERE s.VARIABLE_NAME IN ('Threads_running', 'Innodb_os_log_written') AND $1 <=> $1;
