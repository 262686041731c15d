-- $1 component
-- gives: what operators said last, and which run is connected; one row, always
SELECT IF(COALESCE(c.paused, 0), 't', 'f') AS paused, c.version,
       CONCAT(c.os_user, '@', c.host) AS who,
       DATE_FORMAT(c.since, IF(DATE(c.since) = UTC_DATE(), '%H:%i UTC', '%Y-%m-%d %H:%i UTC')) AS since,
       COALESCE(c.limits, '') AS limits,
       c.limits_run,
       CONCAT(r.verb, ' by ', r.os_user, '@', r.host, ' since ',
              DATE_FORMAT(r.since, IF(DATE(r.since) = UTC_DATE(), '%H:%i UTC', '%Y-%m-%d %H:%i UTC'))) AS at_work
  FROM (SELECT $1 AS component) said
  LEFT JOIN pgstride_control c ON c.component = said.component
  LEFT JOIN pgstride_runners r
    ON r.component = said.component
   AND EXISTS (SELECT 1 FROM pgstride_runs g WHERE g.id = r.run_id AND g.finished_at IS NULL)
   AND EXISTS (SELECT 1 FROM information_schema.PROCESSLIST p WHERE p.ID = r.connection);
