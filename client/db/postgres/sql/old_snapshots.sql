-- $1 pids of our own sessions, as an array; $2 the table, quoted as in SQL
-- gives: whom a concurrent index of that table would wait for before it is done: first
-- prepared transactions that have written to it, because nobody may ever end them, then
-- transactions of this database with a snapshot, oldest first
SELECT 0::bigint AS need,
       'prepared' AS kind,
       0::bigint AS pid,
       p.gid,
       p.owner::text AS "user",
       NULL::text AS application,
       NULL::text AS client,
       NULL::text AS state,
       NULL::text AS query,
       l.relation::pg_catalog.regclass::text AS relation,
       l.mode,
       true AS granted,
       true AS wrote,
       NULL::bigint AS begun_us,
       NULL::bigint AS state_us,
       l.virtualtransaction AS transaction,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - p.prepared)
        * 1000)::bigint AS age_ms,
       NULL::bigint AS state_ms
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_locks x
    ON x.locktype = 'transactionid' AND x.pid IS NULL
   AND x.virtualtransaction = l.virtualtransaction
  JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = x.transactionid
 WHERE l.locktype = 'relation' AND l.pid IS NULL
   AND p.database = pg_catalog.current_database()
   AND l.relation = pg_catalog.to_regclass($2)
   AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
 UNION ALL
(SELECT 0::bigint,
       CASE WHEN a.state LIKE 'idle in transaction%' THEN 'idle'
            WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum'
            WHEN a.backend_type = 'client backend' THEN 'session'
            ELSE 'other' END,
       a.pid::bigint,
       NULL::text,
       a.usename::text,
       a.application_name,
       pg_catalog.host(a.client_addr),
       CASE WHEN a.wait_event = 'advisory' THEN 'waiting for an advisory lock'
            ELSE a.state END,
       a.query,
       NULL::text,
       'AccessShareLock',
       true,
       a.backend_xid IS NOT NULL,
       (pg_catalog.date_part('epoch', a.xact_start) * 1000000)::bigint,
       (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint,
       a.pid::text,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start)
        * 1000)::bigint,
       (pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change)
        * 1000)::bigint
  FROM pg_catalog.pg_stat_activity a
 WHERE a.datname = pg_catalog.current_database()
   AND a.backend_xmin IS NOT NULL
   AND a.pid <> ALL ($1::integer[])
   AND a.query NOT LIKE 'autovacuum: VACUUM%'
   AND a.backend_type IS DISTINCT FROM 'parallel worker'
 ORDER BY a.xact_start NULLS LAST, a.pid);
