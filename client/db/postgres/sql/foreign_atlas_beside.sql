-- gives: the revisions of Atlas, in the schema that it was told to connect to
SELECT version, description AS name, type AS kind, hash AS checksum,
       applied = total AND error IS NULL AS applied,
       applied <> total OR error IS NOT NULL AS failed
  FROM atlas_schema_revisions
 WHERE version NOT LIKE '.%'
 ORDER BY version;
