-- gives: what of the histories of all components is not finished: see core/doctor.h.
-- `busy`: a run is at work on it
SELECT h.kind, h.component, h.version, h.what, h.number, '' AS token,
       EXISTS (SELECT 1 FROM pgstride.runners r
                 JOIN pgstride.leases l
                   ON l.application = 'pgstride ' || left(r.verb, 20) || ' ' ||
                                      left(r.component, 20) || ' (warden)'
                WHERE r.component = h.component AND l.until >= clock_timestamp()) AS busy
  FROM (SELECT 'open' AS kind, m.component, m.version, m.state AS what, 0::bigint AS number
          FROM pgstride.migrations m WHERE m.state <> 'contracted'
         UNION ALL
        SELECT 'failed', m.component, m.version, m.error, 0::bigint
          FROM pgstride.migrations m WHERE m.failed
         UNION ALL
        SELECT CASE WHEN p.phase LIKE 'undo %' THEN 'undoing' ELSE 'partial' END,
               p.component, p.version, p.phase,
               (SELECT count(*) FROM pgstride.steps s
                 WHERE s.component = p.component AND s.version = p.version
                   AND s.phase = p.phase AND s.done)
          FROM pgstride.phases p WHERE NOT p.done
         UNION ALL
        SELECT DISTINCT 'undoing', s.component, s.version, s.phase, 0::bigint
          FROM pgstride.steps s WHERE s.phase LIKE 'undo %'
         UNION ALL
        SELECT 'set-aside', s.component, s.version, min(s.key || ': ' || s.error), count(*)
          FROM pgstride.set_aside s GROUP BY s.component, s.version
         UNION ALL
        SELECT 'backfill', b.component, b.version, min(b.leaf_name), count(*)
          FROM pgstride.backfills b
          JOIN pgstride.migrations m ON m.component = b.component AND m.version = b.version
         WHERE NOT b.verified AND m.state IN ('pending', 'expanded')
         GROUP BY b.component, b.version) h
 ORDER BY h.component, h.version, h.kind;
