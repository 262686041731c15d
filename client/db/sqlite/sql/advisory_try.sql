-- ?1 class of the lock, ?2 key of the component
-- gives: whether this process now holds the lease
-- Whoever holds one and is dead is followed at once; of another machine only a heartbeat
-- of a minute ago is believed. Taken under the writer's lock: two never see it free.
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS pgstride_leases (
    class INTEGER NOT NULL,
    lease_key INTEGER NOT NULL,
    os_user TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    born INTEGER NOT NULL,
    since TEXT NOT NULL,
    beat REAL NOT NULL,
    PRIMARY KEY (class, lease_key));
INSERT INTO pgstride_leases AS l (class, lease_key, os_user, host, pid, born, since, beat)
VALUES (?1, ?2, pgstride_user(), pgstride_host(), pgstride_pid(), pgstride_born(),
        strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), julianday('now'))
    ON CONFLICT (class, lease_key) DO UPDATE
   SET os_user = excluded.os_user, host = excluded.host, pid = excluded.pid, born = excluded.born,
       since = excluded.since, beat = excluded.beat
 WHERE NOT coalesce(pgstride_alive(l.host, l.pid, l.born),
                    l.beat > julianday('now', '-60 seconds'));
SELECT CASE WHEN EXISTS (SELECT 1 FROM pgstride_leases
                          WHERE class = ?1 AND lease_key = ?2 AND host = pgstride_host()
                            AND pid = pgstride_pid() AND born = pgstride_born())
            THEN 't' ELSE 'f' END AS taken;
COMMIT;
