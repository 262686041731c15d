-- gives: replicas and how far they are behind, slots and what they keep
SELECT 'replica' AS kind, coalesce(r.application_name, '?') AS name, coalesce(r.state, 'hidden') AS state,
       pg_catalog.date_part('epoch', r.replay_lag) * 1000 AS lag_ms,
       pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::bigint AS bytes
  FROM pg_catalog.pg_stat_replication r, LATERAL (
       SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                   ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) here
 UNION ALL
SELECT 'slot', s.slot_name::text,
       s.slot_type || CASE WHEN s.active THEN '' ELSE ', nobody reads it' END, NULL,
       pg_catalog.pg_wal_lsn_diff(here.lsn, s.restart_lsn)::bigint
  FROM pg_catalog.pg_replication_slots s, LATERAL (
       SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
                   ELSE pg_catalog.pg_current_wal_lsn() END AS lsn) here
 ORDER BY kind, name;
