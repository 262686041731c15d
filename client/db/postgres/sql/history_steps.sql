-- $1 component, $2 version or null (then all)
-- gives: the steps that ran, in the order they ran
SELECT version, phase, number::bigint AS number, kind, title, hash, done, sql, undo,
       pg_catalog.to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
       pg_catalog.to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS finished_at,
       tries::bigint AS tries, queued_ms, held_ms, stall_ms, took_ms
  FROM pgstride.steps
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY started_at, number;
