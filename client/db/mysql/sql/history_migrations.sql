-- $1 component, $2 version or null (then all)
-- gives: where each migration stands
SELECT version, name, file, state, how, applied_order,
       DATE_FORMAT(state_at, '%Y-%m-%d %H:%i:%s') AS applied_at,
       IF(failed, 't', 'f') AS failed, error
  FROM pgstride_migrations
 WHERE component = $1 AND ($2 IS NULL OR version = $2)
 ORDER BY applied_order;
