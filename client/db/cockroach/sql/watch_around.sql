-- gives: what the cluster does to schemas right now
SELECT 'job ' || job_id::text || ' ' || status || ', ' ||
       round(coalesce(fraction_completed, 0)::numeric * 100)::bigint::text || ' %: ' ||
       left(description, 120) AS line
  FROM [SHOW JOBS]
 WHERE job_type IN ('SCHEMA CHANGE', 'NEW SCHEMA CHANGE')
   AND status IN ('pending', 'running', 'reverting', 'retrying', 'paused')
 ORDER BY job_id;
