-- gives: the rows of dbmate
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum, 't' AS applied,
       'f' AS failed
  FROM schema_migrations
 ORDER BY version;
