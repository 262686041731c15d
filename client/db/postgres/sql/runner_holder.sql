-- $1 first advisory key, $2 second
-- gives: who else holds that lock in this database, the longest connected first
SELECT l.pid::bigint AS pid,
       coalesce(a.usename::text, '?') AS user_name,
       coalesce(a.application_name, '?') AS application,
       coalesce(pg_catalog.host(a.client_addr), 'this host') AS client,
       coalesce(a.state, 'hidden') AS state,
       coalesce(pg_catalog.floor(extract(epoch FROM pg_catalog.clock_timestamp() - a.backend_start) * 1000), 0)::bigint AS connected_ms,
       pg_catalog.left(coalesce(a.query, ''), 200) AS query
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory'
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND l.classid::bigint = $1::bigint
   AND l.objid::bigint = ($2::bigint & 4294967295)
   AND l.objsubid = 2
   AND l.granted
   AND l.pid <> pg_catalog.pg_backend_pid()
 ORDER BY a.backend_start;
