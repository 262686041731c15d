-- gives: what of the histories of all components is not finished: see core/doctor.h.
-- `busy`: a run is at work on it. A sync trigger is known by the statement that made it.
WITH makes AS (
    SELECT s.component, s.version, s.phase, s.done, s.sql, coalesce(m.state, 'pending') AS state
      FROM pgstride_steps s
      LEFT JOIN pgstride_migrations m USING (component, version)
     WHERE s.sql LIKE '%CREATE TRIGGER "pgstride\_sync\_%' ESCAPE '\' AND coalesce(m.state, 'pending') <> 'contracted'
), keeps AS (
    SELECT s.component, s.version, s.phase, s.done, s.sql, s.state, t.name
      FROM makes s
      JOIN sqlite_schema t
        ON t.type = 'trigger' AND instr(s.sql, 'CREATE TRIGGER "' || replace(t.name, '"', '""') || '" ') > 0
)
SELECT h.kind, h.component, h.version, h.what, h.number, '' AS token,
       CASE WHEN EXISTS (SELECT 1 FROM pgstride_runners r
                           JOIN pgstride_runs n ON n.id = r.run_id AND n.finished_at IS NULL
                           JOIN pgstride_leases l ON l.pid = r.client_pid AND l.host = r.host
                            AND coalesce(pgstride_alive(l.host, l.pid, l.born),
                                         l.beat > julianday('now', '-60 seconds'))
                          WHERE r.component = h.component) THEN 't' ELSE 'f' END AS busy
  FROM (SELECT 'open' AS kind, m.component, m.version, m.state AS what, 0 AS number
          FROM pgstride_migrations m WHERE m.state <> 'contracted'
         UNION ALL
        SELECT 'failed', m.component, m.version, m.error, 0 FROM pgstride_migrations m WHERE m.failed
         UNION ALL
        SELECT CASE WHEN p.phase LIKE 'undo %' THEN 'undoing' ELSE 'partial' END,
               p.component, p.version, p.phase,
               (SELECT count(*) FROM pgstride_steps s
                 WHERE s.component = p.component AND s.version = p.version AND s.phase = p.phase AND s.done)
          FROM pgstride_phases p WHERE NOT p.done
         UNION ALL
        SELECT DISTINCT 'undoing', s.component, s.version, s.phase, 0
          FROM pgstride_steps s WHERE s.phase LIKE 'undo %'
         UNION ALL
        SELECT 'needs', k.component, k.version, k.name, 0 FROM keeps k
         UNION ALL
        -- the step made so many, and not all of them are here
        SELECT 'sync-lost', s.component, s.version, 'sync triggers of ' || s.version, 0
          FROM makes s
         WHERE s.phase = 'expand' AND s.done AND s.state <> 'pending'
           AND (length(s.sql) - length(replace(s.sql, 'CREATE TRIGGER "pgstride_sync_', '')))
               / length('CREATE TRIGGER "pgstride_sync_') >
               (SELECT count(*) FROM keeps k WHERE k.component = s.component AND k.version = s.version AND k.sql = s.sql)
         UNION ALL
        SELECT 'set-aside', s.component, s.version, min(s.key || ': ' || s.error), count(*)
          FROM pgstride_set_aside s GROUP BY s.component, s.version
         UNION ALL
        SELECT 'backfill', b.component, b.version, min(b.leaf_name), count(*)
          FROM pgstride_backfills b
          JOIN pgstride_migrations m USING (component, version)
         WHERE NOT b.verified AND m.state IN ('pending', 'expanded') GROUP BY b.component, b.version) h
 ORDER BY h.component, h.version, h.kind;
