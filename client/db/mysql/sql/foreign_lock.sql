-- $1 the name of another runner's lock
-- gives: whether this session now holds it
SELECT IF(GET_LOCK($1, 0) = 1, 't', 'f') AS taken;
