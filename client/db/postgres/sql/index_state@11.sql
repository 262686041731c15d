-- $1 the index's name, quoted as in SQL; $2 its table's, or null; $3 the bare name
-- gives: the relation of that name (with a table: in the table's schema, because that is
-- where CREATE INDEX puts it), as an index if it is one; no row: there is none.
-- These servers show no progress: a builder is known by its lock and its statement.
SELECT c.oid::regclass::text AS name,
       c.relkind IN ('i', 'I') AS is_index,
       c.relkind = 'I' AS partitioned,
       CASE WHEN i.indexrelid IS NOT NULL THEN pg_catalog.pg_get_indexdef(c.oid) END AS definition,
       coalesce(i.indrelid = pg_catalog.to_regclass($2), false) AS on_table,
       n.nspname::text AS table_schema,
       t.relname::text AS table_name,
       i.indrelid::regclass::text AS "table",
       coalesce(i.indisvalid, false) AS valid,
       coalesce(i.indisready, false) AS ready,
       coalesce(i.indislive, false) AS live,
       i.indexprs IS NOT NULL AS has_expressions,
       coalesce((SELECT l.pid
                   FROM pg_catalog.pg_locks l
                   JOIN pg_catalog.pg_stat_activity s ON s.pid = l.pid
                  WHERE l.relation = i.indrelid AND l.mode = 'ShareUpdateExclusiveLock'
                    AND l.granted AND s.backend_type = 'client backend'
                    AND s.query ILIKE '%index%concurrently%' LIMIT 1), 0)::bigint AS builder
  FROM pg_catalog.pg_class c
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE c.oid = CASE
       WHEN $2::text IS NULL THEN pg_catalog.to_regclass($1)
       ELSE (SELECT n.oid
               FROM pg_catalog.pg_class t
               JOIN pg_catalog.pg_class n ON n.relnamespace = t.relnamespace
              WHERE t.oid = pg_catalog.to_regclass($2) AND n.relname = $3) END;
