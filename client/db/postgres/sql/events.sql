-- $1 component
-- gives: the audit trail, oldest first
SELECT pg_catalog.to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
       kind, version, phase, what, db_user::text AS who, os_user, host, tool_version, outcome,
       took_ms, stall_ms, tries::bigint AS tries, rows
  FROM pgstride.events
 WHERE component = $1
 ORDER BY id;
