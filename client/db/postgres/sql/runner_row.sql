-- $1 component
-- gives: what the runner that holds the lock says of itself
SELECT verb, os_user, host, client_pid::bigint AS client_pid,
       pg_catalog.to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS since
  FROM pgstride.runners WHERE component = $1;
