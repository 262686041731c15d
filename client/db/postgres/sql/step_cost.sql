-- $1 component, $2 version, $3 phase, $4 step number, $5 tries, $6 queued ms, $7 held ms,
-- $8 stall ms, $9 took ms, $10 run id
-- What a step cost others, known only after its commit; the row itself came with the deed,
-- and this is no more durable than that.
WITH step AS (
    UPDATE pgstride.steps
       SET tries = $5::integer, queued_ms = $6::float8, held_ms = $7::float8,
           stall_ms = $8::float8, took_ms = $9::float8
      FROM (SELECT pg_catalog.set_config('synchronous_commit', 'off', true)) hasty
     WHERE component = $1 AND version = $2 AND phase = $3 AND number = $4::integer
 RETURNING 1)
UPDATE pgstride.events
   SET tries = $5::integer, stall_ms = $8::float8, took_ms = $9::float8,
       rows = (SELECT pg_catalog.sum(rows_done) FROM pgstride.backfills
                WHERE component = $1 AND version = $2 AND number = $4::integer AND $3 = 'backfill')
 WHERE id = ( -- the newest of them is among the last there are
       SELECT id FROM pgstride.events
        WHERE run_id = $10::uuid AND kind = 'step' AND version = $2 AND phase = $3
          AND step = $4::integer
        ORDER BY id DESC LIMIT 1);
