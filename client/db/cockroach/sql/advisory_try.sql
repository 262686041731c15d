-- $1 class of the lock, $2 key
-- gives: whether it is ours for the next 30 seconds; asked again, it is ours for longer.
-- 7237 (what a killed run left going) is always free: the fence keeps that out.
WITH had AS (
    INSERT INTO pgstride.leases AS l (class, key, holder, user_name, application, since, until)
    SELECT $1::integer, $2::bigint,
           pg_backend_pid()::text || ' ' || current_setting('application_name'),
           current_user::text, current_setting('application_name'),
           clock_timestamp(), clock_timestamp() + INTERVAL '30 seconds'
     WHERE $1::integer <> 7237
        ON CONFLICT (class, key) DO UPDATE
       SET since = CASE WHEN l.holder = excluded.holder THEN l.since ELSE excluded.since END,
           holder = excluded.holder, user_name = excluded.user_name,
           application = excluded.application, until = excluded.until
     WHERE l.holder = excluded.holder OR l.until < clock_timestamp()
    RETURNING class)
SELECT $1::integer = 7237 OR (SELECT count(*) FROM had) > 0 AS taken;
