-- $1 transaction id (64 bits) of the last batch
-- gives: who may still read as of before that transaction, the oldest first
--
-- Ages count from the newest transaction, so a higher age is an older one. The horizon
-- of a session is shown to everybody; its user and query may be hidden. Autovacuum and
-- the server's own processes, which have no user, show rows to nobody.
WITH batch AS (
    SELECT pg_catalog.age((($1::bigint & 4294967295)::text)::pg_catalog.xid) AS age)
SELECT 'pid ' || a.pid || ' ' || coalesce(a.usename::text, '?') || '@' ||
           coalesce(pg_catalog.host(a.client_addr), 'local') || ' "' ||
           coalesce(a.application_name, '') || '"' AS who,
       pg_catalog.floor(extract(epoch FROM
           pg_catalog.clock_timestamp() - a.xact_start) * 1000)::bigint AS age_ms,
       coalesce(a.state, a.backend_type, 'hidden from this role: GRANT pg_monitor shows more') ||
           coalesce(' (' || pg_catalog.left(a.query, 100) || ')', '') AS what
  FROM pg_catalog.pg_stat_activity a, batch
 WHERE pg_catalog.age(a.backend_xmin) >= batch.age
   AND a.usesysid IS NOT NULL
   AND (a.datname = pg_catalog.current_database() OR a.datname IS NULL)
   AND a.pid <> pg_catalog.pg_backend_pid()
UNION ALL
SELECT 'prepared transaction "' || p.gid || '" of ' || p.owner,
       pg_catalog.floor(extract(epoch FROM
           pg_catalog.clock_timestamp() - p.prepared) * 1000)::bigint,
       'COMMIT PREPARED or ROLLBACK PREPARED ends it'
  FROM pg_catalog.pg_prepared_xacts p, batch
 WHERE p.database = pg_catalog.current_database()
   AND pg_catalog.age(p.transaction) >= batch.age
UNION ALL
SELECT 'replication slot "' || s.slot_name || '"', NULL,
       'a standby may still show older rows'
  FROM pg_catalog.pg_replication_slots s, batch
 WHERE pg_catalog.age(s.xmin) >= batch.age
 ORDER BY age_ms DESC NULLS LAST;
