-- $1 component, $2 version or null (then all)
-- gives: the phases that ran, with the checksums of what ran
SELECT version, phase, exact, normal, done,
       pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS finished_at
  FROM pgstride.phases
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY started_at;
