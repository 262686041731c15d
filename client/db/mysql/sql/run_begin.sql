-- $1 run id, $2 component, $3 verb, $4 operating system user, $5 host, $6 client pid, $7 tool version
INSERT INTO pgstride_runs (id, component, verb, db_user, os_user, host, client_pid, tool_version)
VALUES ($1, $2, $3, CURRENT_USER(), $4, $5, $6, $7);
