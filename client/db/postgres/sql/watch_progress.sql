-- gives: what the server's progress views tell of this database
SELECT p.pid::bigint AS pid, p.command AS what,
       coalesce(p.relid::regclass::text, '') AS relation, p.phase,
       CASE WHEN p.blocks_total > 0 THEN 100.0 * p.blocks_done / p.blocks_total
            WHEN p.tuples_total > 0 THEN 100.0 * p.tuples_done / p.tuples_total END AS percent,
       coalesce(a.application_name LIKE 'pgstride %', false) AS ours
  FROM pg_catalog.pg_stat_progress_create_index p
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = p.pid
 WHERE p.datname = pg_catalog.current_database()
 UNION ALL
SELECT v.pid, CASE WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum' ELSE 'VACUUM' END,
       coalesce(v.relid::regclass::text, ''), v.phase,
       CASE WHEN v.heap_blks_total > 0 THEN 100.0 * v.heap_blks_scanned / v.heap_blks_total END,
       coalesce(a.application_name LIKE 'pgstride %', false)
  FROM pg_catalog.pg_stat_progress_vacuum v
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = v.pid
 WHERE v.datname = pg_catalog.current_database()
 UNION ALL
SELECT c.pid, c.command, coalesce(c.relid::regclass::text, ''), c.phase,
       CASE WHEN c.heap_blks_total > 0 THEN 100.0 * c.heap_blks_scanned / c.heap_blks_total END,
       coalesce(a.application_name LIKE 'pgstride %', false)
  FROM pg_catalog.pg_stat_progress_cluster c
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = c.pid
 WHERE c.datname = pg_catalog.current_database();
