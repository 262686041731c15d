-- $1 oid of a table
-- gives: its foreign keys, and those of other tables that point at it: the table at the
-- other end, and by number and by name the columns of this one
SELECT k.conname::text AS name,
       k.conrelid <> $1::oid AS incoming,
       pg_catalog.array_to_string(u.numbers, ',') AS mentions,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.unnest(u.numbers) WITH ORDINALITY m (number, place)
               JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::oid AND a.attnum = m.number
              ORDER BY m.place) AS columns,
       o.oid::bigint AS other_oid,
       n.nspname::text AS other_schema,
       o.relname::text AS other_name,
       -- see lock_target.sql
       o.relkind IN ('r', 'p')
           AND pg_catalog.has_table_privilege(o.oid, 'UPDATE, DELETE, TRUNCATE') AS other_lockable
  FROM pg_catalog.pg_constraint k
 CROSS JOIN LATERAL (SELECT CASE WHEN k.conrelid = $1::oid THEN k.conkey ELSE k.confkey END) u (numbers)
  JOIN pg_catalog.pg_class o
    ON o.oid = CASE WHEN k.conrelid = $1::oid THEN k.confrelid ELSE k.conrelid END
  JOIN pg_catalog.pg_namespace n ON n.oid = o.relnamespace
 WHERE k.contype = 'f'
   AND (k.conrelid = $1::oid OR (k.confrelid = $1::oid AND k.conparentid = 0));
