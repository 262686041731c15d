-- gives: the rows of Flyway that stand for scripts, the newest first, but
-- those that a later one takes back
SELECT version, description AS name, type AS kind, checksum, success AS applied,
       NOT success AS failed
  FROM flyway_schema_history AS said
 WHERE type NOT IN ('SCHEMA', 'DELETE') AND (type NOT LIKE 'UNDO%' OR NOT success)
   AND NOT EXISTS (SELECT 1 FROM flyway_schema_history AS back
                    WHERE back.installed_rank > said.installed_rank AND back.success
                      AND said.type <> 'BASELINE' AND (back.type = 'DELETE' OR back.type LIKE 'UNDO%')
                      AND (back.version = said.version
                           OR (back.version IS NULL AND said.version IS NULL
                               AND back.description = said.description)))
 ORDER BY installed_rank DESC;
