-- gives: the rows of drizzle
SELECT created_at AS version, NULL AS name, NULL AS kind, hash AS checksum,
       true AS applied, false AS failed
  FROM drizzle.__drizzle_migrations
 ORDER BY id;
