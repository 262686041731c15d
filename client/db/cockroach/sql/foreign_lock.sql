-- $1 the key of golang-migrate's lock
-- gives: whether the lock is ours, else which pgstride has it. It is a row that says nothing of who made it and stays
-- when that is killed: a lease of class 7239 beside it says that it was a pgstride, and is
-- free when that holds no runner lock (7236) any more. A row alone is golang-migrate's.
-- Two at once: one of the two transactions is told to begin again.
WITH me AS (
    SELECT pg_backend_pid()::text || ' ' || current_setting('application_name') AS holder),
held AS (
    SELECT EXISTS (SELECT 1 FROM schema_lock WHERE lock_id = $1::bigint) AS taken,
           (SELECT l.holder = me.holder OR NOT EXISTS (
                       SELECT 1 FROM pgstride.leases r
                        WHERE r.class = 7236 AND r.holder = l.holder
                          AND r.until >= clock_timestamp())
              FROM pgstride.leases l, me
             WHERE l.class = 7239 AND l.key = $1::bigint) AS left_by_us),
ours AS (
    INSERT INTO pgstride.leases (class, key, holder, user_name, application, since, until)
    SELECT 7239, $1::bigint, me.holder, current_user::text,
           current_setting('application_name'), clock_timestamp(), clock_timestamp()
      FROM me, held WHERE coalesce(held.left_by_us, NOT held.taken)
        ON CONFLICT (class, key) DO UPDATE
       SET holder = excluded.holder, user_name = excluded.user_name,
           application = excluded.application, since = excluded.since
    RETURNING key),
row_made AS (
    INSERT INTO schema_lock (lock_id) SELECT key FROM ours
        ON CONFLICT (lock_id) DO NOTHING
    RETURNING lock_id)
SELECT EXISTS (SELECT 1 FROM ours) AS taken, (SELECT count(*) FROM row_made) AS made,
       (SELECT l.application FROM pgstride.leases l
         WHERE l.class = 7239 AND l.key = $1::bigint
           AND NOT EXISTS (SELECT 1 FROM ours)) AS holder;
