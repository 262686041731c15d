-- gives: the rows of drizzle 1.0
SELECT created_at AS version, name, NULL AS kind, hash AS checksum, true AS applied,
       false AS failed
  FROM drizzle.__drizzle_migrations
 ORDER BY id;
