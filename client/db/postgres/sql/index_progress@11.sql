-- $1 pid of our worker
-- gives: how far its CREATE INDEX is; no row: these servers do not tell
SELECT NULL::text AS phase, 0::bigint AS blocks_done, 0::bigint AS blocks_total,
       0::bigint AS tuples_done, 0::bigint AS tuples_total,
       0::bigint AS lockers_done, 0::bigint AS lockers_total
 WHERE $1::integer IS NULL;
