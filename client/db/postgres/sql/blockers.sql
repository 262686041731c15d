-- $1 pid of a session of ours
-- gives: for whom it waits right now, whatever the kind of lock: a concurrent index
-- waits for transactions, not for tables. A prepared transaction has no pid. A session
-- that itself waits in pg_advisory_lock keeps its snapshot, and us, for as long.
SELECT 0::bigint AS need,
       CASE WHEN b.pid = 0 THEN 'prepared'
            WHEN a.query LIKE 'autovacuum: % (to prevent wraparound)' THEN 'wraparound'
            WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum'
            WHEN a.state LIKE 'idle in transaction%' THEN 'idle'
            WHEN a.backend_type IS NULL OR a.backend_type = 'client backend' THEN 'session'
            ELSE 'other' END AS kind,
       b.pid::bigint AS pid,
       CASE WHEN b.pid = 0 THEN (
           SELECT p.gid
             FROM pg_catalog.pg_locks l
             JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = l.transactionid
            WHERE l.pid = $1::integer AND NOT l.granted LIMIT 1) END AS gid,
       a.usename::text AS "user",
       a.application_name AS application,
       pg_catalog.host(a.client_addr) AS client,
       CASE WHEN a.wait_event = 'advisory' THEN 'waiting for an advisory lock'
            ELSE a.state END AS state,
       nullif(a.query, '<insufficient privilege>') AS query,
       (SELECT w.relation::regclass::text FROM pg_catalog.pg_locks w
         WHERE w.pid = $1::integer AND NOT w.granted AND w.locktype = 'relation'
         LIMIT 1) AS relation,
       'AccessShareLock' AS mode,
       true AS granted,
       a.backend_xid IS NOT NULL AS wrote,
       (pg_catalog.date_part('epoch', a.xact_start) * 1000000)::bigint AS begun_us,
       (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint AS state_us,
       b.pid::text AS transaction,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)
        * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change)
        * 1000)::bigint AS state_ms
  FROM (SELECT DISTINCT pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::integer)) AS pid) b
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
 ORDER BY a.xact_start NULLS FIRST, b.pid;
