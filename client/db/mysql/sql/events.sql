-- $1 component
-- gives: the audit trail, oldest first
SELECT CONCAT(DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(at, '%f'), 3), 'Z') AS at, kind, version, phase, what, db_user AS who, os_user, host,
       tool_version, outcome, took_ms, stall_ms, tries, `rows`
  FROM pgstride_events
 WHERE component = $1
 ORDER BY id;
