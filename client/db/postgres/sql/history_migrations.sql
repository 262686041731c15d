-- $1 component, $2 version or null (then all)
-- gives: where each migration stands
SELECT version, name, file, state, how, applied_order,
       pg_catalog.to_char(state_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS applied_at,
       failed, error
  FROM pgstride.migrations
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
 ORDER BY applied_order;
