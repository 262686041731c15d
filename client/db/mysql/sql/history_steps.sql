-- $1 component, $2 version or null (then all)
-- gives: the steps that ran, in the order they ran
SELECT version, phase, number, kind, title, hash, IF(done, 't', 'f') AS done, `sql`, `undo`
  FROM pgstride_steps
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY started_at, number;
