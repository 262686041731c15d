-- gives: the rows of Flyway that stand for scripts, the newest first
SELECT version, description AS name, type AS kind, checksum,
       IF(success, 't', 'f') AS applied, IF(NOT success, 't', 'f') AS failed
  FROM flyway_schema_history
 WHERE type NOT IN ('SCHEMA', 'DELETE')
 ORDER BY installed_rank DESC;
