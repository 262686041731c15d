-- gives: WAL written since the last checkpoint, in percent of max_wal_size: a checkpoint is
-- due well before 100, and beyond it the disk does not keep up
SELECT 100.0 * pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), c.redo_lsn)
           / pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size')) AS percent
  FROM pg_catalog.pg_control_checkpoint() c;
