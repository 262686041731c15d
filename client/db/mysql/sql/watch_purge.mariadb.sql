-- gives: how many old versions of rows wait to be purged
SELECT CONCAT('history list ', VARIABLE_VALUE) AS line FROM information_schema.GLOBAL_STATUS
 WHERE VARIABLE_NAME = 'INNODB_HISTORY_LIST_LENGTH';
