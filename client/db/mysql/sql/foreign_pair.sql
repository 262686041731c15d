-- gives: the one row of golang-migrate
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum,
       IF(dirty, 'f', 't') AS applied,
       IF(dirty, 't', 'f') AS failed
  FROM schema_migrations;
