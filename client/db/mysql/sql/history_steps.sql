-- $1 component, $2 version or null (then all)
-- gives: the steps that ran, in the order they ran
SELECT version, phase, number, kind, title, hash, IF(done, 't', 'f') AS done, `sql`, `undo`,
       CONCAT(DATE_FORMAT(started_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(started_at, '%f'), 3), 'Z') AS started_at,
       CONCAT(DATE_FORMAT(finished_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(finished_at, '%f'), 3), 'Z') AS finished_at,
       tries, queued_ms, held_ms, stall_ms, took_ms
  FROM pgstride_steps s
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY s.started_at, number;
