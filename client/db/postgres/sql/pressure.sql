-- $1 oid of the table that is being filled
-- gives: one sample of the server's load; null where it does not say or we may not see.
-- A live replica confirms at once what it was sent: one that does not, from sample to
-- sample, has stopped, and tells no lag any more.
SELECT pg_catalog.date_part('epoch', r.lag) * 1000 AS lag_ms,
       pg_catalog.pg_wal_lsn_diff(here.lsn, r.replay_lsn)::bigint AS lag_bytes,
       r.application_name AS replica,
       q.application_name AS silent,
       pg_catalog.pg_wal_lsn_diff(q.flush_lsn, '0/0')::bigint AS silent_at,
       pg_catalog.pg_wal_lsn_diff(here.lsn, s.restart_lsn)::bigint AS slot_bytes,
       s.slot_name::text AS slot,
       pg_catalog.pg_wal_lsn_diff(here.lsn, '0/0')::bigint AS wal_bytes,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
         WHERE a.state = 'active' AND a.backend_type = 'client backend'
           AND a.application_name NOT LIKE 'pgstride %') AS active,
       pg_catalog.date_part('epoch', here.at - o.since) * 1000 AS snapshot_ms,
       o.who AS snapshot,
       CASE WHEN t.live + t.dead > 10000
            THEN 100.0 * t.dead / (t.live + t.dead) END AS dead_percent,
       EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v
                WHERE v.relid = t.oid)::integer AS autovacuum,
       t.oid::regclass::text AS table_name
  FROM (SELECT pg_catalog.pg_current_wal_lsn() AS lsn, pg_catalog.clock_timestamp() AS at) here
 CROSS JOIN (
       SELECT $1::oid AS oid, pg_catalog.pg_stat_get_dead_tuples($1::oid) AS dead,
              greatest(pg_catalog.pg_stat_get_live_tuples($1::oid),
                       (SELECT c.reltuples::bigint FROM pg_catalog.pg_class c
                         WHERE c.oid = $1::oid)) AS live) t
  LEFT JOIN LATERAL (
       SELECT p.application_name, p.replay_lsn, p.replay_lag AS lag
         FROM pg_catalog.pg_stat_replication p
        WHERE p.state IN ('streaming', 'catchup')
        ORDER BY lag DESC NULLS LAST, p.replay_lsn LIMIT 1) r ON true
  LEFT JOIN LATERAL (
       SELECT p.application_name, p.flush_lsn
         FROM pg_catalog.pg_stat_replication p
        WHERE p.state IN ('streaming', 'catchup') AND p.flush_lsn < p.sent_lsn
        ORDER BY p.flush_lsn LIMIT 1) q ON true
  LEFT JOIN LATERAL (
       SELECT * FROM pg_catalog.pg_replication_slots
        WHERE restart_lsn IS NOT NULL ORDER BY restart_lsn LIMIT 1) s ON true
  LEFT JOIN LATERAL (
       SELECT a.xact_start AS since,
              'pid ' || a.pid || ' ' || coalesce(a.usename::text, '?') || '@' ||
                  coalesce(pg_catalog.host(a.client_addr), 'local') || ' "' ||
                  coalesce(a.application_name, '') || '"' AS who
         FROM pg_catalog.pg_stat_activity a
        WHERE a.datname = pg_catalog.current_database() AND a.backend_xmin IS NOT NULL
          AND a.xact_start IS NOT NULL AND a.backend_type = 'client backend'
          AND a.application_name NOT LIKE 'pgstride %'
        UNION ALL
       SELECT x.prepared, 'prepared transaction "' || x.gid || '"'
         FROM pg_catalog.pg_prepared_xacts x
        WHERE x.database = pg_catalog.current_database()
        ORDER BY since LIMIT 1) o ON true;
