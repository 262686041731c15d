-- $1 component, $2 id of our run
-- gives: how many steps the history says that we have done
SELECT pg_catalog.count(*) AS steps
  FROM pgstride.steps
 WHERE component = $1 AND run_id = $2::uuid AND done;
