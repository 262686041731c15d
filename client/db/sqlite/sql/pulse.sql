-- ?1 component, ?2 run id, ?3 label, ?4 phase, ?5 number of the step, ?6 its title,
-- ?7 why it rests, ?8 what it is doing, ?9 rows done, ?10 rows in all, ?11 fraction,
-- ?12 rows a second, ?13 ms left, ?14 ms of the last batch, ?15 HOT share, ?16 WAL bytes,
-- ?17 rows set aside
-- What is null stays as it was; a run that was replaced has no say.
BEGIN IMMEDIATE;
UPDATE pgstride_leases SET beat = julianday('now')
 WHERE host = pgstride_host() AND pid = pgstride_pid() AND born = pgstride_born();
INSERT INTO pgstride_pulse AS p
       (component, run_id, label, phase, step, title, resting, doing, rows_done, rows_total,
        fraction, rows_per_second, left_ms, batch_ms, hot_share, wal_bytes, set_aside)
SELECT r.component, r.run_id, ?3, ?4, CAST(?5 AS INTEGER), ?6, ?7, ?8, ?9, ?10, ?11, ?12,
       ?13, ?14, ?15, ?16, ?17
  FROM pgstride_runners r
 WHERE r.component = ?1 AND r.run_id = ?2
    ON CONFLICT (component) DO UPDATE
   SET run_id = excluded.run_id, at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
       label = excluded.label, phase = excluded.phase, step = excluded.step,
       title = excluded.title, resting = excluded.resting,
       doing = coalesce(excluded.doing, p.doing),
       rows_done = coalesce(excluded.rows_done, p.rows_done),
       rows_total = coalesce(excluded.rows_total, p.rows_total),
       fraction = coalesce(excluded.fraction, p.fraction),
       rows_per_second = coalesce(excluded.rows_per_second, p.rows_per_second),
       left_ms = coalesce(excluded.left_ms, p.left_ms),
       batch_ms = coalesce(excluded.batch_ms, p.batch_ms),
       hot_share = coalesce(excluded.hot_share, p.hot_share),
       wal_bytes = coalesce(excluded.wal_bytes, p.wal_bytes),
       set_aside = coalesce(excluded.set_aside, p.set_aside);
COMMIT;
