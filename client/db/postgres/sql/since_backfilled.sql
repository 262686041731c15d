-- $1 component, $2 version
-- gives: how long ago its backfill was complete, by the server's clock
SELECT coalesce(pg_catalog.floor(extract(epoch FROM
           pg_catalog.clock_timestamp() - pg_catalog.max(finished_at)) * 1000), 0)::bigint AS since_ms
  FROM pgstride.phases
 WHERE component = $1 AND version = $2 AND phase IN ('expand', 'backfill') AND done;
