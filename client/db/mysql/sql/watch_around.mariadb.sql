-- gives: how many statements the server is at, this one among them, and how many old
-- versions of rows wait to be purged
SELECT CONCAT(r.VARIABLE_VALUE, IF(r.VARIABLE_VALUE = 1, ' statement', ' statements'), ' running, history list ',
              h.VARIABLE_VALUE) AS line
  FROM information_schema.GLOBAL_STATUS r
  JOIN information_schema.GLOBAL_STATUS h ON h.VARIABLE_NAME = 'INNODB_HISTORY_LIST_LENGTH'
 WHERE r.VARIABLE_NAME = 'THREADS_RUNNING';
