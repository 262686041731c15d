-- $1 component, $2 run id
-- gives: whether that run still owns the component
SELECT count(*) > 0 AS ours FROM pgstride.runners WHERE component = $1 AND run_id = $2::uuid;
