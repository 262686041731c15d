-- $1 schema or null, $2 name, $3 true: not its children, $4 the columns assigned, as an
-- array
-- gives: every table that holds rows of it, with what a sweep must know. `never_hot`: an
-- index reads an assigned column, so no row can be updated in place. `guarded`: a sync
-- trigger of ours is in force on it; `sync_trigger`: the server extension runs it.
WITH RECURSIVE tree AS (
    SELECT pg_catalog.to_regclass(
               CASE WHEN $1::text IS NULL THEN pg_catalog.quote_ident($2)
                    ELSE pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2)
               END)::oid AS oid
     UNION
    SELECT i.inhrelid
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
     WHERE NOT $3::boolean
)
SELECT c.oid::bigint AS oid,
       n.nspname::text AS schema_name,
       c.relname::text AS table_name,
       c.oid::pg_catalog.regclass::text AS shown,
       c.relkind::text AS kind,
       coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)::bigint AS filenode,
       pg_catalog.pg_relation_size(c.oid)
           / pg_catalog.current_setting('block_size')::bigint AS blocks,
       CASE WHEN c.reltuples > 0 AND c.relpages > 0
            THEN (c.reltuples / c.relpages * (pg_catalog.pg_relation_size(c.oid)
                  / pg_catalog.current_setting('block_size')::bigint))::bigint
            ELSE -1 END AS rows,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i
         WHERE i.indrelid = c.oid) AS indexes,
       coalesce((SELECT o.option_value::bigint
                   FROM pg_catalog.pg_options_to_table(c.reloptions) o
                  WHERE o.option_name = 'fillfactor'), 100) AS fillfactor,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a
                 JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid
                WHERE a.attrelid = c.oid AND a.attname = ANY ($4::text[])
                  AND (a.attnum = ANY (i.indkey) OR EXISTS (
                          SELECT FROM pg_catalog.pg_depend d
                           WHERE d.classid = 'pg_catalog.pg_class'::regclass
                             AND d.objid = i.indexrelid
                             AND d.refclassid = 'pg_catalog.pg_class'::regclass
                             AND d.refobjid = c.oid
                             AND d.refobjsubid = a.attnum))) AS never_hot,
       EXISTS (SELECT FROM pg_catalog.pg_attribute a
                 JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisunique
                WHERE a.attrelid = c.oid AND a.attname = ANY ($4::text[])
                  AND a.attnum = ANY (i.indkey)) AS key_assigned,
       EXISTS (SELECT FROM pg_catalog.pg_trigger t
                 JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
                 JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
                WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
                  AND (pn.nspname = 'pgstride' AND p.proname::text ~ '^sync_' OR
                       pn.nspname = 'pgstride_server' AND p.proname = 'sync')) AS guarded,
       (SELECT pg_catalog.min(t.tgname::text) FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
          JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
         WHERE t.tgrelid = c.oid AND t.tgenabled = 'A' AND pn.nspname = 'pgstride_server'
           AND p.proname = 'sync') AS sync_trigger,
       (SELECT setting::bigint FROM pg_catalog.pg_settings
         WHERE name = 'deadlock_timeout') AS deadlock_ms,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_index i
               JOIN pg_catalog.pg_attribute a
                 ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
              WHERE i.indrelid = c.oid AND i.indisprimary
              ORDER BY pg_catalog.array_position(i.indkey::int2[], a.attnum)) AS key
  FROM tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 ORDER BY c.oid;
