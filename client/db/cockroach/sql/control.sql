-- $1 component
-- gives: what operators said last, and which run holds the lease; one row, always
SELECT coalesce(c.paused, false) AS paused, c.version,
       c.os_user || '@' || c.host AS who,
       to_char(c.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') AS since,
       coalesce(c.limits, '') AS limits,
       c.limits_run::text AS limits_run,
       r.verb || ' by ' || r.os_user || '@' || r.host || ' since ' ||
           to_char(r.since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') AS at_work
  FROM (SELECT $1::text AS component) said
  LEFT JOIN pgstride.control c ON c.component = said.component
  LEFT JOIN pgstride.runners r
    ON r.component = said.component
   AND EXISTS (SELECT 1 FROM pgstride.leases l
                WHERE l.until >= clock_timestamp()
                  AND l.application = 'pgstride ' || left(r.verb, 20) || ' ' ||
                                      left(r.component, 20) || ' (warden)');
