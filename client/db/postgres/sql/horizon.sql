-- gives: the oldest transaction that some snapshot in this database may still see as
-- running. Row versions that died before it can be pruned. Vacuum holds nobody back.
SELECT least(
           pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot()),
           pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())
               - coalesce(pg_catalog.max(held.age), 0)) AS horizon
  FROM (SELECT greatest(pg_catalog.age(a.backend_xid), pg_catalog.age(a.backend_xmin))
               ::bigint AS age
          FROM pg_catalog.pg_stat_activity a
         WHERE a.pid <> pg_catalog.pg_backend_pid()
           AND (a.datname IS NULL OR a.datname = pg_catalog.current_database())
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum v
                            WHERE v.pid = a.pid)
         UNION ALL
        SELECT pg_catalog.age(s.xmin)::bigint
          FROM pg_catalog.pg_replication_slots s) held;
