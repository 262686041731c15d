-- $1 component, $2 version, $3 number of the backfill
UPDATE pgstride_backfills SET place = NULL
 WHERE component = $1 AND version = $2 AND number = $3;
