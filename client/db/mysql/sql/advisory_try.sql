-- $1 class, $2 key
-- gives: whether this session now holds the lock. What a killed run left going holds it
-- itself until it ends, so there is no other class to be had. Names are one server's,
-- whatever the database.
SELECT IF($1 <> 7236 OR
          GET_LOCK(CONCAT('pgstride:', LEFT(SHA2(LOWER(DATABASE()), 256), 16), ':', $2), 0) = 1, 't', 'f') AS taken;
