-- $1 component, $2 run id, $3 verb, $4 operating system user, $5 host, $6 client pid
INSERT INTO pgstride_runners (component, run_id, verb, db_user, os_user, host, client_pid, connection, since)
VALUES ($1, $2, $3, CURRENT_USER(), $4, $5, $6, CONNECTION_ID(), UTC_TIMESTAMP(6))
    ON DUPLICATE KEY UPDATE
       run_id = VALUES(run_id), verb = VALUES(verb), db_user = VALUES(db_user),
       os_user = VALUES(os_user), host = VALUES(host), client_pid = VALUES(client_pid),
       connection = VALUES(connection), since = VALUES(since);
