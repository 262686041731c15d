-- gives back what of golang-migrate's locks is ours
WITH ours AS (
    DELETE FROM pgstride.leases
     WHERE class = 7239
       AND holder = pg_backend_pid()::text || ' ' || current_setting('application_name')
    RETURNING key)
DELETE FROM schema_lock WHERE lock_id IN (SELECT key FROM ours);
