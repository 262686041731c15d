-- $1 component, $2 version or null (then all)
-- gives: the steps that ran, in the order they ran
SELECT version, phase, number::bigint AS number, kind, title, hash, done, sql, undo
  FROM pgstride.steps
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY started_at, number;
