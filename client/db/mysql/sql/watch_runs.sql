-- gives: every component's run: the one that is connected, or the last that was
SELECT r.component, r.verb, CONCAT(r.os_user, '@', r.host) AS who,
       DATE_FORMAT(r.since, '%Y-%m-%dT%H:%i:%sZ') AS since,
       IF(c.paused, CONCAT(c.os_user, '@', c.host), NULL) AS paused_by,
       IF(c.paused, DATE_FORMAT(c.since, '%Y-%m-%dT%H:%i:%sZ'), NULL) AS paused_since,
       c.version AS paused_version,
       IF(EXISTS (SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.ID = r.connection)
          AND n.finished_at IS NULL, 't', 'f') AS connected,
       n.outcome, p.label, p.phase, COALESCE(p.step, 0) AS step, p.title, p.resting, p.doing,
       TIMESTAMPDIFF(MICROSECOND, p.at, UTC_TIMESTAMP(6)) DIV 1000 AS seen_ms,
       p.rows_done, p.rows_total, p.fraction, p.rows_per_second, p.left_ms, p.batch_ms,
       NULL AS hot_share, NULL AS wal_bytes, p.set_aside, r.connection AS session
  FROM pgstride_runners r
  LEFT JOIN pgstride_runs n ON n.id = r.run_id
  LEFT JOIN pgstride_control c ON c.component = r.component
  LEFT JOIN pgstride_pulse p ON p.component = r.component AND p.run_id = r.run_id
 ORDER BY connected DESC, r.component;
