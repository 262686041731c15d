-- $1 class of the lock, $2 key
-- gives: who else has the lease
SELECT split_part(holder, ' ', 1)::bigint AS pid, user_name, application,
       'elsewhere' AS client,
       'its lease ends in ' ||
           greatest(0, ceil(extract(epoch FROM until - clock_timestamp())))::bigint::text ||
           ' s unless it goes on' AS state,
       floor(extract(epoch FROM clock_timestamp() - since) * 1000)::bigint AS connected_ms,
       '' AS query
  FROM pgstride.leases
 WHERE class = $1::integer AND key = $2::bigint AND until >= clock_timestamp()
   AND holder <> pg_backend_pid()::text || ' ' || current_setting('application_name');
