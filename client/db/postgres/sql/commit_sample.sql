-- $1 component, $2 run id
-- A commit of one row that is durable as those of the application are, to be timed.
UPDATE pgstride.pulse SET at = pg_catalog.clock_timestamp()
 WHERE component = $1 AND run_id = $2::uuid;
