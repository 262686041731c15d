-- ?1 component, ?2 run id, ?3 verb, ?4 operating system user, ?5 host, ?6 client pid
INSERT INTO pgstride_runners (component, run_id, verb, os_user, host, client_pid)
VALUES (?1, ?2, ?3, ?4, ?5, CAST(?6 AS INTEGER))
    ON CONFLICT (component) DO UPDATE
   SET run_id = excluded.run_id, verb = excluded.verb, os_user = excluded.os_user,
       host = excluded.host, client_pid = excluded.client_pid,
       since = strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
