-- $1 class of the lock, $2 key
DELETE FROM pgstride.leases
 WHERE class = $1::integer AND key = $2::bigint
   AND holder = pg_backend_pid()::text || ' ' || current_setting('application_name');
