-- $1 connection
-- gives: what that session is doing
SELECT COALESCE(STATE, '') AS state, 0 AS progress, COALESCE(TIME, 0) * 1000 AS time_ms
  FROM performance_schema.processlist WHERE ID = $1;
