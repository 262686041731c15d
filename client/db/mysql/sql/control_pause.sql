-- $1 component, $2 the only migration that rests, or null, $3 run id, $4 operating system
-- user, $5 host, $6 tool version
-- Who paused first stays the one who did.
INSERT INTO pgstride_events (run_id, component, kind, version, what, outcome, os_user, host, tool_version)
SELECT $3, $1, 'pause', $2, 'paused', 'done', $4, $5, $6
  FROM (SELECT 1) said
 WHERE NOT EXISTS (SELECT 1 FROM pgstride_control WHERE component = $1 AND paused AND version <=> $2);
INSERT INTO pgstride_control (component, paused, version, os_user, host)
SELECT $1, true, $2, $4, $5
  FROM (SELECT 1) said
 WHERE NOT EXISTS (SELECT 1 FROM pgstride_control WHERE component = $1 AND paused AND version <=> $2)
    ON DUPLICATE KEY UPDATE
       paused = true, version = VALUES(version), db_user = CURRENT_USER(),
       os_user = VALUES(os_user), host = VALUES(host), since = UTC_TIMESTAMP(6);
