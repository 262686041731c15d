-- $1 database
-- gives: whether anything is in it that Flyway would not find in an empty one, but for
-- our own tables
SELECT IF(EXISTS (SELECT 1 FROM information_schema.TABLES
                   WHERE TABLE_SCHEMA = $1 AND TABLE_NAME NOT LIKE 'pgstride\_%')
          OR EXISTS (SELECT 1 FROM information_schema.ROUTINES
                      WHERE ROUTINE_SCHEMA = $1 AND ROUTINE_NAME NOT LIKE 'pgstride\_%')
          OR EXISTS (SELECT 1 FROM information_schema.EVENTS WHERE EVENT_SCHEMA = $1)
          OR EXISTS (SELECT 1 FROM information_schema.TRIGGERS
                      WHERE TRIGGER_SCHEMA = $1), 't', 'f') AS used;
