-- $1 class, $2 key
SELECT IF($1 = 7236 AND
          RELEASE_LOCK(CONCAT('pgstride:', LEFT(MD5(LOWER(DATABASE())), 16), ':', $2)) = 1, 't', 'f') AS released;
