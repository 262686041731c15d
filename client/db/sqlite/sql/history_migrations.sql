-- ?1 component, ?2 version or null (then all)
-- gives: where each migration stands
SELECT version, name, file, state, how, applied_order,
       strftime('%Y-%m-%d %H:%M:%S', state_at) AS applied_at,
       CASE WHEN failed THEN 't' ELSE 'f' END AS failed, error
  FROM pgstride_migrations
 WHERE component = ?1 AND (?2 IS NULL OR version = ?2)
 ORDER BY applied_order;
