-- ?1 run id, ?2 component, ?3 verb, ?4 operating system user, ?5 host, ?6 client pid, ?7 tool version
INSERT INTO pgstride_runs (id, component, verb, os_user, host, client_pid, tool_version)
VALUES (?1, ?2, ?3, ?4, ?5, CAST(?6 AS INTEGER), ?7);
