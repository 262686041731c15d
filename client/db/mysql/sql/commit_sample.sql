-- $1 component, $2 run id
-- A commit of one row that is durable as those of the application are, to be timed.
UPDATE pgstride_pulse SET at = UTC_TIMESTAMP(6) WHERE component = $1 AND run_id = $2;
