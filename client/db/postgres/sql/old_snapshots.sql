-- $1 transaction id (64 bits) of the last batch
-- gives: who may still read with a snapshot older than it, the oldest first
--
-- Ages count from the newest transaction, so a higher age is an older one. Autovacuum
-- shows its rows to nobody; our own sessions take a new snapshot for every statement.
WITH batch AS (
    SELECT pg_catalog.age((($1::bigint & 4294967295)::text)::pg_catalog.xid) AS age)
SELECT a.pid::bigint AS pid,
       'pid ' || a.pid || ' ' || coalesce(a.usename::text, '?') || '@' ||
           coalesce(pg_catalog.host(a.client_addr), 'local') || ' "' ||
           coalesce(a.application_name, '') || '"' AS who,
       pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       coalesce(a.state, a.backend_type) || coalesce(' (' || pg_catalog.left(a.query, 100) || ')', '') AS what
  FROM pg_catalog.pg_stat_activity a, batch
 WHERE a.backend_xmin IS NOT NULL
   AND pg_catalog.age(a.backend_xmin) >= batch.age
   AND (a.datname = pg_catalog.current_database() OR a.datname IS NULL)
   AND a.backend_type <> 'autovacuum worker'
   AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
-- a session that we may not see counts as old
SELECT a.pid::bigint,
       'pid ' || a.pid || ' ' || coalesce(a.usename::text, '?') || ' (hidden from this role: GRANT pg_read_all_stats shows it)',
       NULL, 'its snapshot is unknown'
  FROM pg_catalog.pg_stat_activity a
  JOIN pg_catalog.pg_locks l ON l.pid = a.pid AND l.locktype = 'virtualxid' AND l.granted
 WHERE a.datname = pg_catalog.current_database()
   AND a.pid <> pg_catalog.pg_backend_pid()
   AND a.backend_type IS NULL
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
 WHERE s.xmin IS NOT NULL AND pg_catalog.age(s.xmin) >= batch.age
 ORDER BY age_ms DESC NULLS LAST;
