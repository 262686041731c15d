-- gives: how many replicas read the binary log here; none are seen without PROCESS
SELECT COUNT(*) AS replicas FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%';
