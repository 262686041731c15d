-- $1 table
-- gives: schema changes under way that name it, how far the furthest behind is, and what
-- it says of itself
SELECT job_id::text AS job, fraction_completed::float8 AS fraction,
       coalesce(running_status, status) AS doing
  FROM [SHOW JOBS]
 WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE')
   AND status IN ('pending', 'running', 'reverting', 'retrying')
   AND strpos(description, $1) > 0
 ORDER BY fraction_completed
 LIMIT 1;
