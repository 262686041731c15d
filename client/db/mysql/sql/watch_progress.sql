-- gives: what the server tells of the changes that it is making
SELECT t.PROCESSLIST_ID AS pid, 'f' AS ours, SUBSTRING_INDEX(TRIM(t.PROCESSLIST_INFO), ' ', 2) AS what,
       SUBSTRING_INDEX(SUBSTRING_INDEX(TRIM(t.PROCESSLIST_INFO), ' ', 3), ' ', -1) AS relation,
       SUBSTRING_INDEX(e.EVENT_NAME, '/', -1) AS phase,
       100.0 * e.WORK_COMPLETED / NULLIF(e.WORK_ESTIMATED, 0) AS percent
  FROM performance_schema.events_stages_current e
  JOIN performance_schema.threads t ON t.THREAD_ID = e.THREAD_ID
 WHERE t.PROCESSLIST_DB = DATABASE() AND e.WORK_ESTIMATED IS NOT NULL;
