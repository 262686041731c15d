-- $1 component
-- gives: what operators said last, and which run is connected; one row, always
SELECT coalesce(c.paused, false) AS paused, c.version,
       c.os_user || '@' || c.host AS who,
       pg_catalog.to_char(c.since AT TIME ZONE 'UTC',
                          CASE WHEN (c.since AT TIME ZONE 'UTC')::date
                                    = (pg_catalog.clock_timestamp() AT TIME ZONE 'UTC')::date
                               THEN 'HH24:MI "UTC"' ELSE 'YYYY-MM-DD HH24:MI "UTC"' END) AS since,
       coalesce(c.limits, '') AS limits,
       c.limits_run::text AS limits_run,
       r.verb || ' by ' || r.os_user || '@' || r.host || ' since ' ||
           pg_catalog.to_char(r.since AT TIME ZONE 'UTC',
                          CASE WHEN (r.since AT TIME ZONE 'UTC')::date
                                    = (pg_catalog.clock_timestamp() AT TIME ZONE 'UTC')::date
                               THEN 'HH24:MI "UTC"' ELSE 'YYYY-MM-DD HH24:MI "UTC"' END) AS at_work
  FROM (SELECT $1::text AS component) said
  LEFT JOIN pgstride.control c ON c.component = said.component
  LEFT JOIN pgstride.runners r
    ON r.component = said.component
   AND EXISTS (SELECT FROM pg_catalog.pg_stat_activity a
                WHERE a.datname = pg_catalog.current_database()
                  AND a.application_name = 'pgstride ' || pg_catalog.left(r.verb, 20) || ' ' ||
                                           pg_catalog.left(r.component, 20) || ' (warden)');
