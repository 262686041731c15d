-- $1 component, $2 version, $3 number of the backfill
-- gives: the first rows that it could not fill, and how many there are
SELECT key, error, pg_catalog.count(*) OVER () AS all_rows
  FROM pgstride.set_aside
 WHERE component = $1 AND version = $2 AND number = $3::integer
 ORDER BY at, key
 LIMIT 10;
