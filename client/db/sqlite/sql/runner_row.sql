-- ?1 component
-- gives: what the runner that holds the lease says of itself
SELECT verb, os_user, host, client_pid, strftime('%Y-%m-%d %H:%M:%S', since) AS since
  FROM pgstride_runners WHERE component = ?1;
