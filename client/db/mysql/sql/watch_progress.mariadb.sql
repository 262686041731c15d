-- gives: what the server tells of the changes that it is making
SELECT p.ID AS pid, 'f' AS ours, SUBSTRING_INDEX(TRIM(p.INFO), ' ', 2) AS what,
       SUBSTRING_INDEX(SUBSTRING_INDEX(TRIM(p.INFO), ' ', 3), ' ', -1) AS relation,
       p.STATE AS phase, NULLIF(p.PROGRESS, 0) AS percent
  FROM information_schema.PROCESSLIST p
 WHERE p.DB = DATABASE() AND p.ID <> CONNECTION_ID()
   AND COALESCE(p.STATE, '') NOT LIKE 'Waiting for%' AND p.INFO REGEXP '^[[:space:]]*(ALTER|CREATE|OPTIMIZE|DROP)[[:space:]]';
