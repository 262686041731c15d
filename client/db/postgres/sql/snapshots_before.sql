-- $1 transaction id (64 bits) of the last batch
-- gives: who may still read with a snapshot older than it, the oldest first
--
-- A snapshot whose xmin is beyond the batch saw it committed; xmin is shown to every role,
-- the rest of a session is not. Ages count from the newest transaction, so a higher age is
-- an older one; they wrap after two billion transactions, and no snapshot lives that long.
-- Autovacuum shows its rows to nobody; our own sessions take a snapshot per statement.
-- To a role that may not see what a process is, an autovacuum is the one that nobody has
-- logged in to: clients, walsenders and background workers with a snapshot all have a role.
WITH batch AS (
    SELECT pg_catalog.age((($1::bigint & 4294967295)::text)::pg_catalog.xid) AS age
     WHERE pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) - $1::bigint < 2000000000)
SELECT 0::bigint AS need,
       CASE WHEN a.state LIKE 'idle in transaction%' THEN 'idle'
            WHEN a.backend_type IS NULL OR a.backend_type = 'client backend' THEN 'session'
            ELSE 'other' END AS kind,
       a.pid::bigint AS pid,
       NULL::text AS gid,
       a.usename::text AS "user",
       a.application_name AS application,
       pg_catalog.host(a.client_addr) AS client,
       coalesce(a.state, a.backend_type) AS state,
       nullif(a.query, '<insufficient privilege>') AS query,
       NULL::text AS relation,
       'AccessShareLock' AS mode,
       true AS granted,
       a.backend_xid IS NOT NULL AS wrote,
       (pg_catalog.date_part('epoch', a.xact_start) * 1000000)::bigint AS begun_us,
       (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint AS state_us,
       'pid ' || a.pid AS transaction,
       pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - a.state_change) * 1000)::bigint AS state_ms
  FROM pg_catalog.pg_stat_activity a, batch
 WHERE pg_catalog.age(a.backend_xmin) >= batch.age
   AND (a.datname = pg_catalog.current_database() OR a.datname IS NULL)
   AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
   AND (a.backend_type IS NOT NULL OR a.usesysid IS NOT NULL)
   AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT 0, 'prepared', 0, p.gid, p.owner::text, NULL, NULL, NULL, NULL, NULL, 'AccessShareLock', true,
       true, NULL, NULL, 'prepared ' || p.transaction,
       pg_catalog.floor(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - p.prepared) * 1000)::bigint, NULL
  FROM pg_catalog.pg_prepared_xacts p, batch
 WHERE p.database = pg_catalog.current_database()
   AND pg_catalog.age(p.transaction) >= batch.age
UNION ALL
SELECT 0, 'slot', 0, s.slot_name::text, NULL, NULL, NULL, NULL, NULL, NULL, 'AccessShareLock', true,
       false, NULL, NULL, 'slot ' || s.slot_name, NULL, NULL
  FROM pg_catalog.pg_replication_slots s, batch
 WHERE pg_catalog.age(s.xmin) >= batch.age
 ORDER BY age_ms DESC NULLS LAST;
