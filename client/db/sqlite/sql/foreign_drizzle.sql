-- gives: the rows of drizzle
SELECT created_at AS version, NULL AS name, NULL AS kind, hash AS checksum,
       't' AS applied, 'f' AS failed
  FROM __drizzle_migrations
 ORDER BY created_at;
