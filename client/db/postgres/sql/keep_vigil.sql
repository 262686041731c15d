-- $1 pid of our worker, $2 our own pids, as an array, $3 milliseconds that others may wait,
-- $4 whether a standby would replay the locks
-- gives: watched, whether the try knew of it; waiters, most of others at once; longest_ms,
-- an upper bound of how long anybody waited. It answers when the try is over.
SELECT v.watched, v.waiters, v.longest_ms
  FROM pgstride.keep_vigil($1::integer, $2::integer[], $3::integer, $4::boolean) v;
