-- gives: the rows of dbmate
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum, true AS applied,
       false AS failed
  FROM schema_migrations
 ORDER BY version;
