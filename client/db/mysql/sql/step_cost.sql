-- $1 component, $2 version, $3 phase, $4 step number, $5 tries, $6 queued ms, $7 held ms,
-- $8 stall ms, $9 took ms, $10 run id
-- What a step cost others, known only after its commit.
UPDATE pgstride_steps
   SET tries = $5, queued_ms = $6, held_ms = $7, stall_ms = $8, took_ms = $9
 WHERE component = $1 AND version = $2 AND phase = $3 AND number = $4;
UPDATE pgstride_events
   SET tries = $5, stall_ms = $8, took_ms = $9,
       `rows` = (SELECT sum(rows_done) FROM pgstride_backfills
                  WHERE component = $1 AND version = $2 AND number = $4 AND $3 = 'backfill')
 WHERE run_id = $10 AND kind = 'step' AND version = $2 AND phase = $3 AND step = $4;
