-- ?1 class of the lock, ?2 key of the component
-- gives: who else holds that lease, while alive
SELECT l.pid, l.os_user AS user_name, 'pgstride' AS application, l.host AS client,
       'working' AS state,
       CAST((julianday('now') - julianday(l.since)) * 86400000 AS INTEGER) AS connected_ms,
       '' AS query
  FROM pgstride_leases l
 WHERE l.class = ?1 AND l.lease_key = ?2
   AND coalesce(pgstride_alive(l.host, l.pid, l.born),
                l.beat > julianday('now', '-60 seconds'))
   AND NOT (l.host = pgstride_host() AND l.pid = pgstride_pid() AND l.born = pgstride_born());
