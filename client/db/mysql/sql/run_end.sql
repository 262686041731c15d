-- $1 run id, $2 outcome, $3 error or null
UPDATE pgstride_runs
   SET finished_at = UTC_TIMESTAMP(6), outcome = $2, error = $3
 WHERE id = $1;
