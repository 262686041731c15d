-- $1 class, $2 key
SELECT IF($1 = 7236 AND
          RELEASE_LOCK(CONCAT('pgstride:', LEFT(SHA2(LOWER(DATABASE()), 256), 16), ':', $2)) = 1, 't', 'f') AS released;
