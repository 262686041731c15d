-- $1 pids of our own sessions, as an array
-- gives: transactions of this database with a snapshot, oldest first: a concurrent index
-- waits for all of them before it is done
SELECT 0::bigint AS need,
       CASE WHEN a.state LIKE 'idle in transaction%' THEN 'idle'
            WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum'
            WHEN a.backend_type = 'client backend' THEN 'session'
            ELSE 'other' END AS kind,
       a.pid::bigint AS pid,
       NULL::text AS gid,
       a.usename::text AS "user",
       a.application_name AS application,
       pg_catalog.host(a.client_addr) AS client,
       CASE WHEN a.wait_event = 'advisory' THEN 'waiting for an advisory lock'
            ELSE a.state END AS state,
       a.query,
       NULL::text AS relation,
       'AccessShareLock' AS mode,
       true AS granted,
       a.pid::text AS transaction,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)
        * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change)
        * 1000)::bigint AS state_ms
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.backend_xmin IS NOT NULL
   AND a.pid <> ALL ($1::integer[])
   AND a.query NOT LIKE 'autovacuum: VACUUM%'
   AND a.backend_type IS DISTINCT FROM 'parallel worker'
 ORDER BY a.xact_start NULLS LAST, a.pid;
