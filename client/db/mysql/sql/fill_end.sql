-- $1 component, $2 version, $3 number of the backfill
UPDATE pgstride_backfills
   SET swept = true, verified = true, finished_at = UTC_TIMESTAMP(6)
 WHERE component = $1 AND version = $2 AND number = $3;
