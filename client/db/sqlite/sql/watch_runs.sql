-- gives: every component's run: the one that is at work, or the last that was
SELECT r.component, r.verb, r.os_user || '@' || r.host AS who,
       strftime('%Y-%m-%dT%H:%M:%SZ', r.since) AS since,
       CASE WHEN c.paused THEN c.os_user || '@' || c.host END AS paused_by,
       CASE WHEN c.paused THEN strftime('%Y-%m-%dT%H:%M:%SZ', c.since) END AS paused_since,
       c.version AS paused_version,
       CASE WHEN n.finished_at IS NULL
             AND EXISTS (SELECT 1 FROM pgstride_leases l
                          WHERE l.pid = r.client_pid AND l.host = r.host
                            AND coalesce(pgstride_alive(l.host, l.pid, l.born),
                                         l.beat > julianday('now', '-60 seconds')))
            THEN 't' ELSE 'f' END AS connected,
       n.outcome, p.label, p.phase, coalesce(p.step, 0) AS step, p.title, p.resting, p.doing,
       CAST((julianday('now') - julianday(p.at)) * 86400000 AS INTEGER) AS seen_ms,
       p.rows_done, p.rows_total, p.fraction, p.rows_per_second, p.left_ms, p.batch_ms,
       NULL AS hot_share, NULL AS wal_bytes, p.set_aside, NULL AS session
  FROM pgstride_runners r
  LEFT JOIN pgstride_runs n ON n.id = r.run_id
  LEFT JOIN pgstride_control c ON c.component = r.component
  LEFT JOIN pgstride_pulse p ON p.component = r.component AND p.run_id = r.run_id
 ORDER BY connected DESC, r.component;
