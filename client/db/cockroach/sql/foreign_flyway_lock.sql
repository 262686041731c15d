-- $1 what the lease beside Flyway's lock is known by
-- gives: whether the lock is ours, else which pgstride has it. It is a row of rank -100, which counts for ten minutes
-- unless whoever made it says again that it goes on. Its version says who that is: of ours, a digest of the holder of
-- the lease of class 7239; it is free once that holds no runner lock (7236) any more. Two at once: one of the two
-- transactions is told to begin again.
WITH me AS (
    SELECT pg_backend_pid()::text || ' ' || current_setting('application_name') AS holder),
held AS (
    SELECT h.installed_on < now() - INTERVAL '10 minutes'
           OR coalesce((SELECT h.version = 'pgstride ' || md5(l.holder)
                               AND (l.holder = me.holder
                                    OR NOT EXISTS (SELECT 1 FROM pgstride.leases r
                                                    WHERE r.class = 7236 AND r.holder = l.holder
                                                      AND r.until >= clock_timestamp()))
                          FROM pgstride.leases l, me
                         WHERE l.class = 7239 AND l.key = $1::bigint), false) AS left_behind
      FROM flyway_schema_history h
     WHERE h.installed_rank = -100),
ours AS (
    INSERT INTO pgstride.leases (class, key, holder, user_name, application, since, until)
    SELECT 7239, $1::bigint, me.holder, current_user::text,
           current_setting('application_name'), clock_timestamp(), clock_timestamp()
      FROM me WHERE NOT EXISTS (SELECT 1 FROM held WHERE NOT left_behind)
        ON CONFLICT (class, key) DO UPDATE
       SET holder = excluded.holder, user_name = excluded.user_name,
           application = excluded.application, since = excluded.since
    RETURNING holder),
row_made AS (
    INSERT INTO flyway_schema_history
           (installed_rank, version, description, type, script, checksum, installed_by,
            installed_on, execution_time, success)
    SELECT -100, 'pgstride ' || md5(ours.holder), 'flyway-lock', '', '', 0, '', now(), 0, true FROM ours
        ON CONFLICT (installed_rank) DO UPDATE
       SET version = excluded.version, installed_on = excluded.installed_on
    RETURNING installed_rank)
SELECT EXISTS (SELECT 1 FROM ours) AS taken, (SELECT count(*) FROM row_made) AS made,
       (SELECT l.application FROM pgstride.leases l, flyway_schema_history h
         WHERE l.class = 7239 AND l.key = $1::bigint
           AND h.installed_rank = -100 AND h.version = 'pgstride ' || md5(l.holder)
           AND NOT EXISTS (SELECT 1 FROM ours)) AS holder;
