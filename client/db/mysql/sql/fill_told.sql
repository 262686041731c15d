-- $1 component, $2 version, $3 number of the backfill
-- gives: how far it is
SELECT place, rows_done, IF(swept, 't', 'f') AS swept, IF(verified, 't', 'f') AS verified
  FROM pgstride_backfills
 WHERE component = $1 AND version = $2 AND number = $3;
