-- ?1 component, ?2 the only migration that rests, or null, ?3 run id, ?4 operating system
-- user, ?5 host, ?6 tool version
-- Who paused first stays the one who did.
BEGIN IMMEDIATE;
INSERT INTO pgstride_events (run_id, component, kind, version, what, outcome, os_user, host, tool_version)
SELECT ?3, ?1, 'pause', ?2, 'paused', 'done', ?4, ?5, ?6
 WHERE NOT EXISTS (SELECT 1 FROM pgstride_control
                    WHERE component = ?1 AND paused AND version IS ?2);
INSERT INTO pgstride_control AS c (component, paused, version, os_user, host)
VALUES (?1, true, ?2, ?4, ?5)
    ON CONFLICT (component) DO UPDATE
   SET paused = true, version = excluded.version, os_user = excluded.os_user,
       host = excluded.host, since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
 WHERE NOT c.paused OR c.version IS NOT excluded.version;
COMMIT;
