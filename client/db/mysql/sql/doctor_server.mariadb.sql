-- gives: what the server calls itself, what our connection to it is, and what of its
-- settings is in the way of a migration
SELECT 'server' AS kind, VERSION() AS object, TRIM(BOTH ')' FROM TRIM(BOTH '(' FROM @@version_comment)) AS detail
 UNION ALL
SELECT IF(s.VARIABLE_VALUE = '', 'clear', 'encrypted'), s.VARIABLE_VALUE, NULL
  FROM information_schema.SESSION_STATUS s
  JOIN information_schema.PROCESSLIST p ON p.ID = CONNECTION_ID()
 WHERE s.VARIABLE_NAME = 'SSL_VERSION' AND NOT (s.VARIABLE_VALUE = '' AND p.HOST = 'localhost')
 UNION ALL
SELECT 'read-only', 'the server', NULL FROM DUAL WHERE CAST(@@global.read_only AS CHAR) NOT IN ('0', 'OFF')
 UNION ALL
SELECT 'replicas', GROUP_CONCAT('replica ', p.USER, '@', SUBSTRING_INDEX(p.HOST, ':', 1) SEPARATOR ', '), NULL
  FROM information_schema.PROCESSLIST p WHERE p.COMMAND LIKE 'Binlog Dump%' HAVING COUNT(*) > 0;
