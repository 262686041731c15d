-- gives: whether pgstride's tables are here, and whether we may read them
SELECT IF(COUNT(*) > 0, 't', 'f') AS here, 't' AS readable
  FROM information_schema.TABLES
 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'pgstride_bookkeeping';
