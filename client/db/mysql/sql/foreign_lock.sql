-- $1 the name of another runner's lock
-- gives: whether this session now holds it, else who does
SELECT IF(t.taken, 't', 'f') AS taken,
       IF(t.taken, NULL,
          (SELECT CONCAT('session ', p.ID, ' ', p.USER, '@', SUBSTRING_INDEX(p.HOST, ':', 1), ', ', p.COMMAND)
             FROM information_schema.PROCESSLIST p WHERE p.ID = IS_USED_LOCK($1))) AS holder
  FROM (SELECT GET_LOCK($1, 0) = 1 AS taken) t;
