-- $1 oid of the table that is being filled
-- gives: one sample of the server's load; null where it does not say or we may not see
SELECT pg_catalog.date_part('epoch', r.replay_lag) * 1000 AS replica_lag_ms,
       pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::bigint AS replica_lag_bytes,
       r.application_name AS replica,
       pg_catalog.pg_wal_lsn_diff(here.lsn, s.restart_lsn)::bigint AS slot_retained_bytes,
       s.slot_name::text AS slot,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
         WHERE a.state = 'active' AND a.pid <> pg_catalog.pg_backend_pid()
           AND a.backend_type = 'client backend') AS active_sessions,
       EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v
                WHERE v.relid = $1::oid) AS autovacuum_here,
       pg_catalog.pg_stat_get_dead_tuples($1::oid) AS dead_rows
  FROM (SELECT pg_catalog.pg_current_wal_lsn() AS lsn) here
  LEFT JOIN LATERAL (
       SELECT * FROM pg_catalog.pg_stat_replication
        WHERE state = 'streaming'
        ORDER BY replay_lag DESC NULLS LAST, replay_lsn LIMIT 1) r ON true
  LEFT JOIN LATERAL (
       SELECT * FROM pg_catalog.pg_replication_slots
        WHERE restart_lsn IS NOT NULL ORDER BY restart_lsn LIMIT 1) s ON true;
