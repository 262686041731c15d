-- $1 schema or null (then the search path decides), $2 name
-- gives: one row about the relation, with its oid null when there is none
SELECT c.oid::bigint AS oid,
       c.oid IS NOT NULL AS exists,
       n.nspname::text AS schema_name,
       c.relname::text AS table_name,
       c.relkind::text AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       coalesce(c.relhassubclass, false) AS has_children,
       tree.leaves,
       coalesce(c.relrowsecurity, false) AS row_security,
       coalesce(c.relforcerowsecurity, false) AS force_row_security,
       CASE WHEN c.relkind NOT IN ('r', 'm', 'p') THEN 0
            WHEN c.relkind = 'p' THEN tree.rows
            WHEN c.reltuples > 0 THEN c.reltuples::bigint
            -- never analyzed: as many rows as a page might hold
            ELSE (pg_catalog.pg_relation_size(c.oid) / 100)::bigint END AS rows,
       CASE WHEN c.relkind IN ('r', 'm', 't') THEN pg_catalog.pg_relation_size(c.oid) ELSE tree.heap_bytes END AS heap_bytes,
       CASE WHEN c.relkind IN ('r', 'm', 't') THEN pg_catalog.pg_total_relation_size(c.oid) ELSE tree.total_bytes END AS total_bytes,
       CASE WHEN c.relkind IN ('r', 'm', 't')
            THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint
            ELSE 0 END AS blocks,
       coalesce((SELECT pg_catalog.substr(o, 12)::bigint
                   FROM pg_catalog.unnest(c.reloptions) o
                  WHERE o LIKE 'fillfactor=%'), 100) AS fillfactor,
       coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), false) AS may_own,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'UPDATE'), false) AS may_update,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'DELETE'), false) AS may_delete,
       coalesce(pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       am.amname::text AS access_method,
       (SELECT pg_catalog.string_agg(p.pubname::text, ', ' ORDER BY p.pubname)
          FROM pg_catalog.pg_publication_tables p
         WHERE p.schemaname = n.nspname AND p.tablename = c.relname) AS publications,
       -- what a constraint or sequence without a name must not be called
       ARRAY(SELECT t.name
               FROM (SELECT o.relname::text AS name FROM pg_catalog.pg_class o
                      WHERE o.relnamespace = c.relnamespace
                     UNION
                     SELECT k.conname::text FROM pg_catalog.pg_constraint k
                      WHERE k.connamespace = c.relnamespace) t
              WHERE t.name ~ '_(check|fkey|key|pkey|seq)[0-9]*$'
                AND pg_catalog.strpos(t.name, pg_catalog.left(c.relname::text, 7)) = 1
              ORDER BY 1) AS taken
  FROM (SELECT pg_catalog.to_regclass(
                   CASE WHEN $1::text IS NULL THEN pg_catalog.quote_ident($2)
                        ELSE pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2) END)::oid AS oid) w
  LEFT JOIN pg_catalog.pg_class c ON c.oid = w.oid
 -- of a partitioned table its partitions speak
 CROSS JOIN LATERAL (
       WITH RECURSIVE part (oid, kind, rows) AS (
            SELECT c.oid, c.relkind, 0::real WHERE c.relkind = 'p'
             UNION ALL
            SELECT k.oid, k.relkind, k.reltuples
              FROM part
              JOIN pg_catalog.pg_inherits h ON h.inhparent = part.oid AND part.kind = 'p'
              JOIN pg_catalog.pg_class k ON k.oid = h.inhrelid)
       SELECT pg_catalog.count(*) AS leaves,
              coalesce(pg_catalog.sum(CASE WHEN part.rows > 0 THEN part.rows::bigint
                  ELSE pg_catalog.pg_relation_size(part.oid) / 100 END), 0)::bigint AS rows,
              coalesce(pg_catalog.sum(pg_catalog.pg_relation_size(part.oid)), 0)::bigint
                  AS heap_bytes,
              coalesce(pg_catalog.sum(pg_catalog.pg_total_relation_size(part.oid)), 0)::bigint
                  AS total_bytes
         FROM part WHERE part.kind = 'r') tree
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam;
