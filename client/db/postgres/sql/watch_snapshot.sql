-- gives: who holds the oldest snapshot: nothing that died since can be pruned
SELECT o.* FROM (
    SELECT a.pid::bigint AS pid,
           coalesce(a.usename::text, '?') || '@' || coalesce(pg_catalog.host(a.client_addr), 'local') ||
               ' "' || coalesce(a.application_name, '') || '"' AS who,
           a.application_name LIKE 'pgstride %' AS ours, a.state,
           (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
           (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint AS state_ms,
           a.query, NULL::text AS waits_for, '{}'::text[] AS blockers
      FROM pg_catalog.pg_stat_activity a
     WHERE a.datname = pg_catalog.current_database() AND a.backend_xmin IS NOT NULL
       AND a.xact_start IS NOT NULL AND a.backend_type = 'client backend'
       AND a.pid <> pg_catalog.pg_backend_pid()
     UNION ALL
    SELECT 0, 'prepared transaction "' || x.gid || '"', false, 'prepared',
           (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - x.prepared) * 1000)::bigint,
           NULL, NULL, NULL, '{}'
      FROM pg_catalog.pg_prepared_xacts x
     WHERE x.database = pg_catalog.current_database()) o
 ORDER BY o.age_ms DESC
 LIMIT 1;
