-- gives: the one row of golang-migrate
SELECT version, NULL AS name, NULL AS kind, NULL AS checksum,
       CASE WHEN dirty THEN 'f' ELSE 't' END AS applied,
       CASE WHEN dirty THEN 't' ELSE 'f' END AS failed
  FROM schema_migrations;
