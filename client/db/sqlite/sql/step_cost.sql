-- ?1 component, ?2 version, ?3 phase, ?4 step number, ?5 tries, ?6 queued ms, ?7 held ms,
-- ?8 stall ms, ?9 took ms, ?10 run id
BEGIN IMMEDIATE;
UPDATE pgstride_steps
   SET tries = CAST(?5 AS INTEGER), queued_ms = CAST(?6 AS REAL), held_ms = CAST(?7 AS REAL),
       stall_ms = CAST(?8 AS REAL), took_ms = CAST(?9 AS REAL)
 WHERE component = ?1 AND version = ?2 AND phase = ?3 AND number = CAST(?4 AS INTEGER);
UPDATE pgstride_events
   SET tries = CAST(?5 AS INTEGER), stall_ms = CAST(?8 AS REAL), took_ms = CAST(?9 AS REAL),
       rows = (SELECT sum(rows_done) FROM pgstride_backfills
                WHERE component = ?1 AND version = ?2 AND number = CAST(?4 AS INTEGER)
                  AND ?3 = 'backfill')
 WHERE run_id = ?10 AND kind = 'step' AND version = ?2 AND phase = ?3
   AND step = CAST(?4 AS INTEGER);
COMMIT;
