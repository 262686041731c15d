-- gives: whether Flyway's lock is still ours; then it is for ten minutes from now
WITH kept AS (
    UPDATE flyway_schema_history SET installed_on = now()
     WHERE installed_rank = -100 AND description = 'flyway-lock'
       AND version = 'pgstride ' || md5(pg_backend_pid()::text || ' ' || current_setting('application_name'))
    RETURNING installed_rank)
SELECT count(*) > 0 AS ours FROM kept;
