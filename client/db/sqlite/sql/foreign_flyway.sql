-- gives: the rows of Flyway that stand for scripts, the newest first
SELECT version, description AS name, type AS kind, checksum,
       CASE WHEN success THEN 't' ELSE 'f' END AS applied, CASE WHEN NOT success THEN 't' ELSE 'f' END AS failed
  FROM flyway_schema_history
 WHERE type NOT IN ('SCHEMA', 'DELETE')
 ORDER BY installed_rank DESC;
