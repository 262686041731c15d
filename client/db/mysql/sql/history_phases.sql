-- $1 component, $2 version or null (then all)
-- gives: the phases that ran, with the checksums of what ran
SELECT version, phase, exact, normal, IF(done, 't', 'f') AS done,
       CONCAT(DATE_FORMAT(started_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(started_at, '%f'), 3), 'Z') AS started_at,
       CONCAT(DATE_FORMAT(finished_at, '%Y-%m-%dT%H:%i:%s.'), LEFT(DATE_FORMAT(finished_at, '%f'), 3), 'Z') AS finished_at
  FROM pgstride_phases p
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY p.started_at;
