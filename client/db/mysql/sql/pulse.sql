-- $1 component, $2 run id, $3 label, $4 phase, $5 number of the step, $6 its title,
-- $7 why it rests, $8 what it is doing, $9 rows done, $10 rows in all, $11 fraction,
-- $12 rows a second, $13 ms left, $14 ms of the last batch, $15 HOT share, $16 WAL bytes,
-- $17 rows set aside
-- What is null stays as it was; a run that was replaced has no say.
INSERT INTO pgstride_pulse
       (component, run_id, label, phase, step, title, resting, doing, rows_done, rows_total,
        fraction, rows_per_second, left_ms, batch_ms, hot_share, wal_bytes, set_aside)
SELECT r.component, r.run_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
  FROM pgstride_runners r
 WHERE r.component = $1 AND r.run_id = $2
    ON DUPLICATE KEY UPDATE
       run_id = VALUES(run_id), at = UTC_TIMESTAMP(6), label = VALUES(label),
       phase = VALUES(phase), step = VALUES(step), title = VALUES(title),
       resting = VALUES(resting),
       doing = COALESCE(VALUES(doing), doing),
       rows_done = COALESCE(VALUES(rows_done), rows_done),
       rows_total = COALESCE(VALUES(rows_total), rows_total),
       fraction = COALESCE(VALUES(fraction), fraction),
       rows_per_second = COALESCE(VALUES(rows_per_second), rows_per_second),
       left_ms = COALESCE(VALUES(left_ms), left_ms),
       batch_ms = COALESCE(VALUES(batch_ms), batch_ms),
       hot_share = COALESCE(VALUES(hot_share), hot_share),
       wal_bytes = COALESCE(VALUES(wal_bytes), wal_bytes),
       set_aside = COALESCE(VALUES(set_aside), set_aside);
