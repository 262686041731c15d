-- ?1 component
-- gives: the audit trail, oldest first
SELECT at, kind, version, phase, what, os_user AS who, os_user, host, tool_version, outcome,
       took_ms, stall_ms, tries, rows
  FROM pgstride_events
 WHERE component = ?1
 ORDER BY id;
