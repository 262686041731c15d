-- $1 run id, $2 outcome, $3 error or null
UPDATE pgstride.runs
   SET finished_at = pg_catalog.clock_timestamp(), outcome = $2, error = $3
 WHERE id = $1::uuid;
