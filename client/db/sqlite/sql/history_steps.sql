-- ?1 component, ?2 version or null (then all)
-- gives: the steps that ran, in the order they ran
SELECT version, phase, number, kind, title, hash,
       CASE WHEN done THEN 't' ELSE 'f' END AS done, sql, undo, started_at, finished_at,
       tries, queued_ms, held_ms, stall_ms, took_ms
  FROM pgstride_steps
 WHERE component = ?1 AND (?2 IS NULL OR version = ?2)
 ORDER BY started_at, number;
