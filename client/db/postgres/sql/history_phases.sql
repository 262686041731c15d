-- $1 component, $2 version or null (then all)
-- gives: the phases that ran, with the checksums of what ran
SELECT version, phase, exact, normal, done
  FROM pgstride.phases
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY started_at;
