-- $1 component, $2 version, $3 number
-- gives: the last key that was done, or null before the first
SELECT last_key FROM pgstride.backfills
 WHERE component = $1 AND version = $2 AND number = $3::integer;
