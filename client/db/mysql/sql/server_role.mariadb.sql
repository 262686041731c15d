-- gives: which setting keeps writes out, NULL: none; whether others of a group take writes
-- too; whether it copies from another server, as far as everybody may know
SELECT CASE WHEN @@global.innodb_read_only THEN 'innodb_read_only'
            WHEN CAST(@@global.read_only AS CHAR) NOT IN ('0', 'OFF') THEN 'read_only' END AS read_only,
       'f' AS multi_primary,
       IF(s.VARIABLE_VALUE > 0, 't', 'f') AS copies
  FROM information_schema.GLOBAL_STATUS s WHERE s.VARIABLE_NAME = 'SLAVES_RUNNING';
