-- gives: what of the histories of all components is not finished: `kind` as in
-- core/doctor.c, the component and version it is about, how many rows, since when, and
-- its version as the names of sync functions have it. `busy`: a run is at work on it.
SELECT h.kind, h.component, h.version, h.what, h.number, h.since,
       pg_catalog.left(pg_catalog.regexp_replace(h.version, '[^0-9a-z]', '', 'g'), 24) AS token,
       EXISTS (SELECT FROM pgstride.runs r
                 JOIN pg_catalog.pg_stat_activity a
                   ON a.application_name LIKE 'pgstride % (warden)'
                WHERE r.component = h.component AND r.finished_at IS NULL
                  AND a.backend_start >= r.started_at - interval '1 minute'
                  AND a.datname = pg_catalog.current_database()) AS busy
  FROM (SELECT 'open' AS kind, m.component, m.version, m.state AS what, 0::bigint AS number,
               m.state_at AS since
          FROM pgstride.migrations m WHERE m.state <> 'contracted'
         UNION ALL
        SELECT 'failed', m.component, m.version, m.error, 0, m.state_at
          FROM pgstride.migrations m WHERE m.failed
         UNION ALL
        SELECT CASE WHEN p.phase LIKE 'undo %' THEN 'undoing' ELSE 'partial' END,
               p.component, p.version, p.phase,
               (SELECT pg_catalog.count(*) FROM pgstride.steps s
                 WHERE s.component = p.component AND s.version = p.version
                   AND s.phase = p.phase AND s.done), p.started_at
          FROM pgstride.phases p WHERE NOT p.done
         UNION ALL
        SELECT 'undoing', s.component, s.version, s.phase, 0, pg_catalog.min(s.started_at)
          FROM pgstride.steps s WHERE s.phase LIKE 'undo %'
         GROUP BY s.component, s.version, s.phase
         UNION ALL
        -- its function went with it, so that no catalog remembers it: only the step does
        SELECT 'sync-lost', s.component, s.version,
               pg_catalog.substring(s.title, 'sync trigger on .*'), 0, s.finished_at
          FROM pgstride.steps s
          JOIN pgstride.migrations m USING (component, version)
         WHERE m.state IN ('expanded', 'backfilled') AND s.phase = 'expand' AND s.done
           AND s.title ~ 'sync trigger on '
           AND NOT EXISTS (SELECT FROM pgstride.steps d
                            WHERE d.component = s.component AND d.version = s.version
                              AND d.done AND d.title ~ 'sync trigger dropped')
           AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_trigger t
                    WHERE t.tgname::text ~ ('^~pgstride_sync_' || pg_catalog.left(pg_catalog.regexp_replace(s.version, '[^0-9a-z]', '', 'g'), 24) || '_'))
           AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_proc f
                     JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
                    WHERE n.nspname = 'pgstride'
                      AND f.proname::text ~ ('^sync_' || pg_catalog.left(pg_catalog.regexp_replace(s.version, '[^0-9a-z]', '', 'g'), 24) || '_'))
         UNION ALL
        SELECT 'set-aside', s.component, s.version, pg_catalog.min(s.key || ': ' || s.error),
               pg_catalog.count(*), pg_catalog.min(s.at)
          FROM pgstride.set_aside s GROUP BY s.component, s.version
         UNION ALL
        SELECT 'backfill', b.component, b.version, pg_catalog.min(b.leaf_name),
               pg_catalog.count(*), pg_catalog.max(b.updated_at)
          FROM pgstride.backfills b
          JOIN pgstride.migrations m USING (component, version)
         WHERE NOT b.verified AND m.state IN ('pending', 'expanded') GROUP BY b.component, b.version) h
 ORDER BY h.component, h.version, h.kind;
