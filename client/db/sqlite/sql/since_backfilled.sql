-- ?1 component, ?2 version
-- gives: how long ago its backfill was complete
SELECT coalesce(CAST((julianday('now') - julianday(max(finished_at))) * 86400000 AS INTEGER), 0) AS since_ms
  FROM pgstride_phases
 WHERE component = ?1 AND version = ?2 AND phase IN ('expand', 'backfill') AND done;
