-- gives: how many transactions have left old rows that are not purged yet; needs PROCESS
SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len';
