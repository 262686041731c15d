-- gives: how many transactions have left old rows that are not purged yet
SELECT VARIABLE_VALUE AS length FROM information_schema.GLOBAL_STATUS
 WHERE VARIABLE_NAME = 'Innodb_history_list_length';
