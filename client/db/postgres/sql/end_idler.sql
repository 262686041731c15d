-- $1 component, $2 run id, $3 version, $4 phase, $5 step, $6 what the record says, $7 our
-- operating system user, $8 host, $9 tool version; $10 pid, $11 begin of its transaction and
-- $12 of its state, in microseconds; $13 whether also when it has changed something
-- gives: a row when its session was asked to end, none when it is no longer what it was
--
-- One statement, so that no time passes between the question whether it still idles in
-- that transaction and the signal, and the record commits with it. The CASE keeps the
-- order: a planner may put conditions of a WHERE in any.
INSERT INTO pgstride.events (component, version, run_id, kind, phase, step, what, outcome,
                             os_user, host, tool_version)
SELECT $1, $3, r.run_id, 'blocker', $4, nullif($5::integer, 0), $6, 'done', $7, $8, $9
  FROM pgstride.runners r
 CROSS JOIN pg_catalog.pg_stat_activity a
 WHERE CASE WHEN r.component = $1 AND r.run_id = $2::uuid
                 AND a.pid = $10::integer
                 AND a.pid <> pg_catalog.pg_backend_pid()
                 AND a.backend_type = 'client backend'
                 AND a.state LIKE 'idle in transaction%'
                 AND (pg_catalog.date_part('epoch', a.xact_start) * 1000000)::bigint = $11::bigint
                 AND (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint = $12::bigint
                 AND ($13::boolean OR a.backend_xid IS NULL)
            THEN pg_catalog.pg_terminate_backend(a.pid) END
RETURNING 1 AS ended;
