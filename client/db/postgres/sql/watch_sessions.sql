-- gives: what matters of the sessions of this database: transactions that idle, statements
-- that take long, the oldest first; our own are shown as runs
SELECT a.pid::bigint AS pid,
       coalesce(a.usename::text, '?') || '@' || coalesce(pg_catalog.host(a.client_addr), 'local') ||
           ' "' || coalesce(a.application_name, '') || '"' AS who,
       false AS ours, a.state,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint AS state_ms,
       a.query, NULL::text AS waits_for, '{}'::text[] AS blockers
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.pid <> pg_catalog.pg_backend_pid()
   AND a.application_name NOT LIKE 'pgstride %'
   AND (a.state LIKE 'idle in transaction%' OR a.state = 'active')
   AND pg_catalog.clock_timestamp() - a.xact_start > '1 s'
   AND a.backend_type IN ('client backend', 'autovacuum worker')
 ORDER BY a.xact_start
 LIMIT 10;
