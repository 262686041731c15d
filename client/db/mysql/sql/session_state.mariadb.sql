-- $1 connection
-- gives: what that session is doing
SELECT COALESCE(STATE, '') AS state, COALESCE(PROGRESS, 0) AS progress, COALESCE(TIME_MS, 0) AS time_ms
  FROM information_schema.PROCESSLIST WHERE ID = $1;
