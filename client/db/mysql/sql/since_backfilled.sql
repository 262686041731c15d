-- $1 component, $2 version
-- gives: how long ago its backfill was complete, by the server's clock
SELECT COALESCE(TIMESTAMPDIFF(MICROSECOND, MAX(finished_at), UTC_TIMESTAMP(6)) DIV 1000, 0) AS since_ms
  FROM pgstride_phases
 WHERE component = $1 AND version = $2 AND phase IN ('expand', 'backfill') AND done;
