-- gives: the revisions of Atlas, in the schema that it makes for them
-- (4 in its type: somebody has said that it is applied)
SELECT version, description AS name, type AS kind, hash AS checksum,
       (applied = total AND error IS NULL) OR (type & 4) <> 0 AS applied,
       (applied <> total OR error IS NOT NULL) AND (type & 4) = 0 AS failed
  FROM atlas_schema_revisions.atlas_schema_revisions
 WHERE version NOT LIKE '.%'
 ORDER BY version;
