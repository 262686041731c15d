-- $1 component, $2 version, $3 phase, $4 step number, $5 its hash
-- gives: what its objects looked like before an attempt that was not heard of again
SELECT `before` AS print
  FROM pgstride_steps
 WHERE component = $1 AND version = $2 AND phase = $3 AND number = $4 AND hash = $5
   AND NOT done AND `before` IS NOT NULL;
