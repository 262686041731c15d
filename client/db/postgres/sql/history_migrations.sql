-- $1 component
-- gives: where each migration stands
SELECT version, name, file, state, how, applied_order,
       pg_catalog.to_char(state_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS applied_at,
       failed, error
  FROM pgstride.migrations
 WHERE component = $1
 ORDER BY applied_order;
