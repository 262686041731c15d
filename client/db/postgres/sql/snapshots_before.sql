-- $1 transaction id (64 bits) of the last batch
-- gives: who may still read with a snapshot older than it, the oldest first
--
-- A snapshot whose xmin is beyond the batch saw it committed; xmin is shown to every role,
-- the rest of a session is not. Ages count from the newest transaction, so a higher age is
-- an older one; they wrap after two billion transactions, and no snapshot lives that long.
-- Autovacuum shows its rows to nobody; our own sessions take a snapshot per statement.
WITH batch AS (
    SELECT pg_catalog.age((($1::bigint & 4294967295)::text)::pg_catalog.xid) AS age
     WHERE pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) - $1::bigint < 2000000000)
SELECT a.pid::bigint AS pid,
       'pid ' || a.pid || ' ' || coalesce(a.usename::text, '?') || '@' ||
           coalesce(pg_catalog.host(a.client_addr), 'local') || ' "' ||
           coalesce(a.application_name, '') || '"' AS who,
       pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       CASE WHEN a.backend_type IS NULL THEN 'hidden from this role: GRANT pg_read_all_stats shows it'
            ELSE coalesce(a.state, a.backend_type) || coalesce(' (' || pg_catalog.left(a.query, 100) || ')', '')
             END AS what
  FROM pg_catalog.pg_stat_activity a, batch
 WHERE pg_catalog.age(a.backend_xmin) >= batch.age
   AND (a.datname = pg_catalog.current_database() OR a.datname IS NULL)
   AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
   AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT NULL, 'prepared transaction "' || p.gid || '" of ' || p.owner,
       pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() - p.prepared) * 1000)::bigint,
       'COMMIT PREPARED or ROLLBACK PREPARED it'
  FROM pg_catalog.pg_prepared_xacts p, batch
 WHERE p.database = pg_catalog.current_database()
   AND pg_catalog.age(p.transaction) >= batch.age
UNION ALL
SELECT NULL, 'replication slot "' || s.slot_name || '"', NULL,
       'a standby may still show older rows'
  FROM pg_catalog.pg_replication_slots s, batch
 WHERE pg_catalog.age(s.xmin) >= batch.age
 ORDER BY age_ms DESC NULLS LAST;
