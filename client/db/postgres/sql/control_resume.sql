-- $1 component, $2 new limits: "max-lag=5s", or empty, $3 run id, $4 operating system user,
-- $5 host, $6 tool version
-- Limits are for the run that has the fence now; what it was given before still holds.
WITH runner AS (
    SELECT run_id FROM pgstride.runners WHERE component = $1
), said AS (
    INSERT INTO pgstride.control AS c (component, paused, limits, limits_run, os_user, host)
    VALUES ($1, false, $2, (SELECT run_id FROM runner), $4, $5)
        ON CONFLICT (component) DO UPDATE
       SET paused = false, version = NULL, db_user = session_user,
           os_user = excluded.os_user, host = excluded.host,
           since = pg_catalog.clock_timestamp(), limits_run = excluded.limits_run,
           limits = CASE WHEN c.limits_run = excluded.limits_run
                         THEN pg_catalog.btrim(c.limits || ' ' || excluded.limits)
                         ELSE excluded.limits END
)
INSERT INTO pgstride.events (run_id, component, kind, what, outcome, os_user, host, tool_version)
VALUES ($3::uuid, $1, 'resume', CASE WHEN $2 = '' THEN 'resumed' ELSE 'resumed: ' || $2 END,
        'done', $4, $5, $6);
