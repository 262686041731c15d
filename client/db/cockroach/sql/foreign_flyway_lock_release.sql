-- gives back Flyway's lock, where it is ours
WITH ours AS (
    DELETE FROM pgstride.leases
     WHERE class = 7239
       AND holder = pg_backend_pid()::text || ' ' || current_setting('application_name')
    RETURNING holder)
DELETE FROM flyway_schema_history
 WHERE installed_rank = -100 AND version IN (SELECT 'pgstride ' || md5(holder) FROM ours);
