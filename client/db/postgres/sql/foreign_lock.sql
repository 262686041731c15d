-- $1 the key of another runner's advisory lock
-- gives: whether this session now holds it, else who does
SELECT t.taken,
       CASE WHEN NOT t.taken THEN
           (SELECT pg_catalog.format('pid %s %s@%s "%s", %s', l.pid, coalesce(a.usename, '?'),
                       coalesce(pg_catalog.host(a.client_addr), 'this host'), a.application_name, coalesce(a.state, 'hidden'))
              FROM pg_catalog.pg_locks l
              LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'advisory'
               AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
               AND (l.classid::bigint << 32) | l.objid::bigint = $1::bigint
               AND l.objsubid = 1
               AND l.granted
             LIMIT 1)
       END AS holder
  FROM (SELECT pg_catalog.pg_try_advisory_lock($1::bigint) AS taken) t;
