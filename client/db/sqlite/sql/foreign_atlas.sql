-- gives: the revisions of Atlas
SELECT version, description AS name, type AS kind, hash AS checksum,
       CASE WHEN applied = total AND error IS NULL THEN 't' ELSE 'f' END AS applied,
       CASE WHEN applied <> total OR error IS NOT NULL THEN 't' ELSE 'f' END AS failed
  FROM atlas_schema_revisions
 WHERE version NOT LIKE '.%'
 ORDER BY version;
