-- gives: the rows of popx
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum, true AS applied,
       false AS failed
  FROM schema_migration
 ORDER BY version;
