-- $1 component, $2 run id
-- gives: whether that run still owns the component
SELECT IF(EXISTS (SELECT 1 FROM pgstride_runners WHERE component = $1 AND run_id = $2), 't', 'f') AS ours;
