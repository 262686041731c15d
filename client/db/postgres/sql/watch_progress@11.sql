-- gives: what the server's progress views tell of this database: these tell of vacuum alone
SELECT v.pid::bigint AS pid,
       CASE WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum' ELSE 'VACUUM' END AS what,
       coalesce(v.relid::regclass::text, '') AS relation, v.phase,
       CASE WHEN v.heap_blks_total > 0 THEN 100.0 * v.heap_blks_scanned / v.heap_blks_total END AS percent,
       coalesce(a.application_name LIKE 'pgstride %', false) AS ours
  FROM pg_catalog.pg_stat_progress_vacuum v
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = v.pid
 WHERE v.datname = pg_catalog.current_database();
