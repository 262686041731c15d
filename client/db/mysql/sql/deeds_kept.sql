-- $1 component, $2 id of our run
-- gives: how many steps the history says that we have done
SELECT COUNT(*) AS steps
  FROM pgstride_steps
 WHERE component = $1 AND run_id = $2 AND done;
