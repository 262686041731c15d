-- $1 run id, $2 outcome, $3 error or null
-- This commit waits for the disk, and for the standbys that others wait for: with it all
-- that the run has done is durable, whatever the database thinks of its own commits.
UPDATE pgstride.runs
   SET finished_at = pg_catalog.clock_timestamp(), outcome = $2, error = $3
  FROM (SELECT pg_catalog.set_config('synchronous_commit', coalesce(
               nullif(pg_catalog.current_setting('synchronous_commit'), 'off'), 'on'), true)) waits
 WHERE id = $1::uuid;
