-- $1 component, $2 version, $3 number of the backfill, $4 its table, $5 id of our run,
-- $6 rows in all
-- From here on its progress is ours.
INSERT INTO pgstride_backfills (component, version, number, leaf_name, run_id, rows_total)
VALUES ($1, $2, $3, $4, $5, $6)
    ON DUPLICATE KEY UPDATE run_id = VALUES(run_id), rows_total = VALUES(rows_total);
