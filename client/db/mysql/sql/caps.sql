-- gives: who we are, what the file's SQL means here, and what this server is part of
SELECT CURRENT_USER() AS user, DATABASE() AS `database`,
       IF(@@global.read_only OR @@global.super_read_only, 't', 'f') AS read_only,
       IF(FIND_IN_SET('NO_BACKSLASH_ESCAPES', @@sql_mode), 'f', 't') AS backslash,
       IF(FIND_IN_SET('ANSI_QUOTES', @@sql_mode), 't', 'f') AS ansi_quotes,
       IF(@@global.log_bin AND NOT @@global.log_bin_trust_function_creators AND
          NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES
                       WHERE PRIVILEGE_TYPE = 'SUPER'
                         AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')), 'f', 't')
           AS may_trigger,
       IF(@@global.log_bin AND @@session.binlog_format = 'STATEMENT', 't', 'f') AS logs_statements,
       EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES
                WHERE PRIVILEGE_TYPE IN ('PROCESS', 'SUPER')
                  AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')) AS sees_all,
       IF(EXISTS (SELECT 1 FROM performance_schema.global_variables
                   WHERE VARIABLE_NAME = 'wsrep_on' AND VARIABLE_VALUE = 'ON'), 't', 'f') AS galera;
