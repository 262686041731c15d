-- $1 schema or null (then this database), $2 table
-- gives: its triggers, in the order in which they run
SELECT t.TRIGGER_NAME AS name
  FROM information_schema.TRIGGERS t
 WHERE t.EVENT_OBJECT_SCHEMA = COALESCE($1, DATABASE()) AND t.EVENT_OBJECT_TABLE = $2
 ORDER BY t.EVENT_MANIPULATION, t.ACTION_TIMING, t.ACTION_ORDER;
