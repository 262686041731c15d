-- ?1 component, ?2 new limits: "max-lag=5s", or empty, ?3 run id, ?4 operating system user,
-- ?5 host, ?6 tool version
-- Limits are for the run that has the fence now; what it was given before still holds.
BEGIN IMMEDIATE;
INSERT INTO pgstride_control AS c (component, paused, limits, limits_run, os_user, host)
VALUES (?1, false, ?2, (SELECT run_id FROM pgstride_runners WHERE component = ?1), ?4, ?5)
    ON CONFLICT (component) DO UPDATE
   SET paused = false, version = NULL, os_user = excluded.os_user, host = excluded.host,
       since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
       limits = CASE WHEN c.limits_run = excluded.limits_run
                     THEN trim(c.limits || ' ' || excluded.limits)
                     ELSE excluded.limits END,
       limits_run = excluded.limits_run;
INSERT INTO pgstride_events (run_id, component, kind, what, outcome, os_user, host, tool_version)
VALUES (?3, ?1, 'resume', CASE WHEN ?2 = '' THEN 'resumed' ELSE 'resumed: ' || ?2 END,
        'done', ?4, ?5, ?6);
COMMIT;
