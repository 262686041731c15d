-- $1 component, $2 new limits: "max-lag=5s", or empty, $3 run id, $4 operating system user,
-- $5 host, $6 tool version
-- Limits are for the run that has the fence now; what it was given before still holds.
INSERT INTO pgstride_control (component, paused, limits, limits_run, os_user, host)
VALUES ($1, false, $2, (SELECT run_id FROM pgstride_runners WHERE component = $1), $4, $5)
    ON DUPLICATE KEY UPDATE
       paused = false, version = NULL, db_user = CURRENT_USER(), os_user = VALUES(os_user),
       host = VALUES(host), since = UTC_TIMESTAMP(6),
       limits = IF(limits_run <=> VALUES(limits_run), TRIM(CONCAT(limits, ' ', VALUES(limits))), VALUES(limits)),
       limits_run = VALUES(limits_run);
INSERT INTO pgstride_events (run_id, component, kind, what, outcome, os_user, host, tool_version)
VALUES ($3, $1, 'resume', IF($2 = '', 'resumed', CONCAT('resumed: ', $2)), 'done', $4, $5, $6);
