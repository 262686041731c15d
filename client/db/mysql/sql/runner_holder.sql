-- $1 class, $2 key
-- gives: who else holds that lock; what we may not see of another account is a question mark
SELECT held.id AS pid, COALESCE(p.USER, '?') AS user_name, 'pgstride' AS application,
       COALESCE(SUBSTRING_INDEX(p.HOST, ':', 1), '?') AS client,
       COALESCE(NULLIF(p.STATE, ''), p.COMMAND, 'hidden') AS state,
       COALESCE(p.TIME, 0) * 1000 AS connected_ms,
       LEFT(COALESCE(p.INFO, ''), 200) AS query
  FROM (SELECT IF($1 = 7236,
                  IS_USED_LOCK(CONCAT('pgstride:', LEFT(SHA2(LOWER(DATABASE()), 256), 16), ':', $2)),
                  NULL) AS id) held
  LEFT JOIN information_schema.PROCESSLIST p ON p.ID = held.id
 WHERE held.id IS NOT NULL AND held.id <> CONNECTION_ID();
