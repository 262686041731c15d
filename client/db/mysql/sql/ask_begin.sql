-- $1 name of a lock
-- gives: nothing of note; as long as this session lives, its empty tables are in use
SELECT GET_LOCK($1, 0) AS taken;
