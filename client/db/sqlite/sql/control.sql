-- ?1 component
-- gives: what operators said last, and which run is at work; one row, always
SELECT CASE WHEN coalesce(c.paused, 0) THEN 't' ELSE 'f' END AS paused, c.version,
       c.os_user || '@' || c.host AS who,
       strftime(CASE WHEN date(c.since) = date('now') THEN '%H:%M UTC'
                     ELSE '%Y-%m-%d %H:%M UTC' END, c.since) AS since,
       coalesce(c.limits, '') AS limits, c.limits_run,
       r.verb || ' by ' || r.os_user || '@' || r.host || ' since ' ||
           strftime(CASE WHEN date(r.since) = date('now') THEN '%H:%M UTC'
                         ELSE '%Y-%m-%d %H:%M UTC' END, r.since) AS at_work
  FROM (SELECT ?1 AS component) said
  LEFT JOIN pgstride_control c ON c.component = said.component
  LEFT JOIN pgstride_runners r
    ON r.component = said.component
   AND EXISTS (SELECT 1 FROM pgstride_leases l
                WHERE l.pid = r.client_pid AND l.host = r.host
                  AND coalesce(pgstride_alive(l.host, l.pid, l.born),
                               l.beat > julianday('now', '-60 seconds')));
