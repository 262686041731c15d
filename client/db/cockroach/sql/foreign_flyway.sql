-- gives: the rows of Flyway that stand for scripts, the newest first; below 0 is its lock
SELECT version, description AS name, type AS kind, checksum, success AS applied,
       NOT success AS failed
  FROM flyway_schema_history
 WHERE type NOT IN ('SCHEMA', 'DELETE') AND installed_rank >= 0
 ORDER BY installed_rank DESC;
