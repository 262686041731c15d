-- gives: who waits for a lock and for whom, and whom they wait for; pid 0 is a prepared
-- transaction. What this role may not see of others is null.
WITH waits AS (
    SELECT l.pid, pg_catalog.pg_blocking_pids(l.pid) AS blockers,
           l.locktype || coalesce(' ' || l.relation::regclass::text, '') AS waits_for
      FROM (SELECT DISTINCT ON (x.pid) x.* FROM pg_catalog.pg_locks x
             WHERE NOT x.granted ORDER BY x.pid) l
), met AS (
    SELECT pid FROM waits
     UNION
    SELECT pg_catalog.unnest(blockers) FROM waits
)
SELECT met.pid::bigint AS pid,
       CASE WHEN met.pid = 0 THEN 'a prepared transaction'
            ELSE coalesce(a.usename::text, '?') || '@' ||
                 coalesce(pg_catalog.host(a.client_addr), 'local') || ' "' ||
                 coalesce(a.application_name, '') || '"' END AS who,
       coalesce(a.application_name LIKE 'pgstride %', false) AS ours,
       a.state,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint AS state_ms,
       nullif(a.query, '<insufficient privilege>') AS query,
       w.waits_for,
       coalesce(w.blockers::text[], '{}') AS blockers
  FROM met
  LEFT JOIN waits w ON w.pid = met.pid
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = met.pid
 ORDER BY a.xact_start NULLS FIRST, met.pid
 LIMIT 60;
