-- gives: every component's run: the one that is at work, or the last that was
SELECT r.component, r.verb, r.os_user || '@' || r.host AS who,
       to_char(r.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
       CASE WHEN c.paused THEN c.os_user || '@' || c.host END AS paused_by,
       CASE WHEN c.paused
            THEN to_char(c.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END AS paused_since,
       c.version AS paused_version,
       n.finished_at IS NULL AND EXISTS (
           SELECT 1 FROM pgstride.leases l
            WHERE l.until >= clock_timestamp()
              AND l.application = 'pgstride ' || left(r.verb, 20) || ' ' ||
                                  left(r.component, 20) || ' (warden)') AS connected,
       n.outcome, p.label, p.phase, coalesce(p.step, 0) AS step, p.title, p.resting, p.doing,
       floor(extract(epoch FROM clock_timestamp() - p.at) * 1000)::bigint AS seen_ms,
       p.rows_done, p.rows_total, p.fraction, p.rows_per_second, p.left_ms, p.batch_ms,
       NULL::float8 AS hot_share, NULL::bigint AS wal_bytes, p.set_aside, NULL::bigint AS session
  FROM pgstride.runners r
  LEFT JOIN pgstride.runs n ON n.id = r.run_id
  LEFT JOIN pgstride.control c ON c.component = r.component
  LEFT JOIN pgstride.pulse p ON p.component = r.component AND p.run_id = r.run_id
 ORDER BY connected DESC, r.component;
