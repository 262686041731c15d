-- gives: the rows of drizzle 1.0
SELECT created_at AS version, name, NULL AS kind, hash AS checksum, 't' AS applied,
       'f' AS failed
  FROM __drizzle_migrations
 ORDER BY id;
