-- $1 oid of the table
-- gives: its constraints, and the foreign keys of other tables that point at it
SELECT k.conname::text AS name,
       k.contype::text AS kind,
       pg_catalog.pg_get_constraintdef(k.oid) AS definition,
       pg_catalog.array_to_string(
           CASE WHEN k.conrelid = $1::oid THEN k.conkey ELSE k.confkey END, ',') AS mentions,
       k.convalidated AS valid,
       k.conrelid <> $1::oid AS incoming,
       n.nspname::text AS other_schema,
       o.relname::text AS other_name
  FROM pg_catalog.pg_constraint k
  LEFT JOIN pg_catalog.pg_class o
    ON o.oid = CASE WHEN k.conrelid <> $1::oid THEN k.conrelid ELSE nullif(k.confrelid, 0) END
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
 WHERE k.conrelid = $1::oid OR (k.confrelid = $1::oid AND k.contype = 'f')
 ORDER BY k.conname;
