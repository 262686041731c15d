-- gives: the one row of golang-migrate
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum, NOT dirty AS applied,
       dirty AS failed
  FROM schema_migrations;
