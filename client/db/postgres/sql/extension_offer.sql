-- gives: the version of the server extension that this server could give the database
SELECT e.default_version::text AS version
  FROM pg_catalog.pg_available_extensions e
 WHERE e.name = 'pgstride';
