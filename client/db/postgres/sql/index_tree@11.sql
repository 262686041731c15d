-- $1 a table, quoted as in SQL; $2 its schema's index that is asked for, by its bare name
-- gives: the table and every partition below it, parents first, and beside each its
-- indexes that could be a part of that one: the parts it has, and those that are a part
-- of nothing. `key`: of a constraint that stands on the index. No row: there is no such table. These servers show no progress: a builder is
-- known by its lock and its statement.
WITH RECURSIVE tree (oid, parent, level) AS (
    SELECT c.oid, 0::oid, 0
      FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)
     UNION ALL
    SELECT h.inhrelid, h.inhparent, t.level + 1
      FROM tree t
      JOIN pg_catalog.pg_class p ON p.oid = t.oid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid
     WHERE NOT coalesce((pg_catalog.to_jsonb(h) ->> 'inhdetachpending')::boolean, false)
), part (oid) AS (
    SELECT c.oid
      FROM pg_catalog.pg_class t
      JOIN pg_catalog.pg_class c ON c.relnamespace = t.relnamespace
      JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid AND i.indrelid = t.oid
     WHERE t.oid = pg_catalog.to_regclass($1) AND c.relname = $2
     UNION ALL
    SELECT h.inhrelid FROM part p JOIN pg_catalog.pg_inherits h ON h.inhparent = p.oid
)
SELECT t.oid::bigint AS table_oid,
       t.parent::bigint AS parent_oid,
       n.nspname::text AS table_schema,
       c.relname::text AS table_name,
       c.relkind::text AS kind,
       coalesce(x.oid, 0)::bigint AS oid,
       x.oid::pg_catalog.regclass::text AS name,
       x.relname::text AS bare,
       coalesce(t.parent = 0 AND x.relname = $2, false) AS named,
       CASE WHEN x.part_of IS NULL OR t.parent = 0 THEN pg_catalog.pg_get_indexdef(x.oid) END AS definition,
       coalesce(x.part_of, 0)::bigint AS part_of,
       coalesce(x.indisvalid, false) AS valid,
       coalesce(x.indisready, false) AS ready,
       coalesce(x.indislive, false) AS live,
       coalesce(x.indexprs IS NOT NULL, false) AS has_expressions,
       key.word AS key,
       key.deferral,
       key.definition AS key_definition,
       coalesce((SELECT l.pid
                   FROM pg_catalog.pg_locks l
                   JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
                  WHERE NOT x.indisvalid AND l.relation = t.oid AND l.granted
                    AND l.mode = 'ShareUpdateExclusiveLock'
                    AND a.backend_type = 'client backend'
                    AND a.query ILIKE '%index%concurrently%' LIMIT 1), 0)::bigint AS builder
  FROM tree t
  JOIN pg_catalog.pg_class c ON c.oid = t.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
       SELECT k.oid, k.relname, i.indisvalid, i.indisready, i.indislive, i.indexprs,
              h.inhparent AS part_of
         FROM pg_catalog.pg_index i
         JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid
         LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
        WHERE i.indrelid = t.oid
          AND (h.inhparent IS NULL OR i.indexrelid IN (SELECT p.oid FROM part p))) x ON true
  LEFT JOIN LATERAL (
       SELECT CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS word,
              CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END
              || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END AS deferral,
              pg_catalog.pg_get_constraintdef(k.oid) AS definition
         FROM pg_catalog.pg_constraint k
        WHERE k.conindid = x.oid AND k.conrelid = t.oid AND k.contype IN ('p', 'u')) key ON true
 ORDER BY t.level, t.oid, x.oid;
