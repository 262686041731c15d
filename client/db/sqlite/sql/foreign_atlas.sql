-- gives: the revisions of Atlas
-- (4 in its type: somebody has said that it is applied)
SELECT version, description AS name, type AS kind, hash AS checksum,
       CASE WHEN (applied = total AND error IS NULL) OR (type & 4) <> 0
            THEN 't' ELSE 'f' END AS applied,
       CASE WHEN (applied <> total OR error IS NOT NULL) AND (type & 4) = 0
            THEN 't' ELSE 'f' END AS failed
  FROM atlas_schema_revisions
 WHERE version NOT LIKE '.%'
 ORDER BY version;
