-- $1 component, $2 the only migration that rests, or null, $3 run id, $4 operating system
-- user, $5 host, $6 tool version
-- Who paused first stays the one who did.
WITH said AS (
    INSERT INTO pgstride.control AS c (component, paused, version, os_user, host)
    VALUES ($1, true, $2, $4, $5)
        ON CONFLICT (component) DO UPDATE
       SET paused = true, version = excluded.version, db_user = session_user,
           os_user = excluded.os_user, host = excluded.host,
           since = pg_catalog.clock_timestamp()
     WHERE NOT c.paused OR c.version IS DISTINCT FROM excluded.version
    RETURNING c.component
)
INSERT INTO pgstride.events (run_id, component, kind, version, what, outcome, os_user, host, tool_version)
SELECT $3::uuid, said.component, 'pause', $2, 'paused', 'done', $4, $5, $6
  FROM said;
