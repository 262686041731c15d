-- gives: how many old versions of rows wait to be purged; needs PROCESS
SELECT CONCAT('history list ', COUNT) AS line FROM information_schema.INNODB_METRICS
 WHERE NAME = 'trx_rseg_history_len';
