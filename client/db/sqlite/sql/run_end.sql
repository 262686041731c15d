-- ?1 run id, ?2 outcome, ?3 error or null
-- The leases go with the run: nobody has to wait until the process is gone.
UPDATE pgstride_runs
   SET finished_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), outcome = ?2, error = ?3
 WHERE id = ?1;
DELETE FROM pgstride_leases
 WHERE host = pgstride_host() AND pid = pgstride_pid() AND born = pgstride_born();
