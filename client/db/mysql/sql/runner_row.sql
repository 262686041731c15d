-- $1 component
-- gives: what the runner that holds the lock says of itself
SELECT verb, os_user, host, client_pid,
       DATE_FORMAT(since, '%Y-%m-%d %H:%i:%s') AS since
  FROM pgstride_runners WHERE component = $1;
