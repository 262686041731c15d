-- gives: the revisions of Atlas
SELECT version, description AS name, type AS kind, hash AS checksum,
       IF(applied = total AND error IS NULL, 't', 'f') AS applied,
       IF(applied <> total OR error IS NOT NULL, 't', 'f') AS failed
  FROM atlas_schema_revisions
 WHERE version NOT LIKE '.%'
 ORDER BY version;
