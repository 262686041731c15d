-- $1 oid of a table
-- gives: itself and every partition or child below it, parents first. `late_trigger`:
-- the last in byte order of its BEFORE ROW triggers on INSERT or UPDATE, ours aside.
-- `key`: the columns that its own partition key reads. `not_null`: those that take no null.
-- `foreign_keys`: its own, each as the oid of the other table and the columns.
WITH RECURSIVE tree (oid, depth) AS (
    SELECT $1::oid, 0
     UNION ALL
    SELECT i.inhrelid, tree.depth + 1
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
)
SELECT c.oid::bigint AS oid,
       n.nspname::text AS schema_name,
       c.relname::text AS table_name,
       c.relkind::text AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       am.amname::text AS access_method,
       coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), false) AS may_own,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'UPDATE'), false) AS may_update,
       coalesce(pg_catalog.has_table_privilege(c.oid, 'DELETE'), false) AS may_delete,
       coalesce(pg_catalog.row_security_active(c.oid), false) AS rows_hidden,
       (SELECT pg_catalog.max(t.tgname::text COLLATE "C")
          FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
          JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
         WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND pn.nspname <> 'pgstride'
           AND (t.tgtype & 3) = 3 AND (t.tgtype & 20) <> 0) AS late_trigger,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_partitioned_table k
               JOIN pg_catalog.pg_attribute a ON a.attrelid = k.partrelid
              WHERE k.partrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND (a.attnum = ANY (k.partattrs::int2[])
                     OR (k.partexprs IS NOT NULL
                         AND pg_catalog.strpos(pg_catalog.pg_get_partkeydef(c.oid),
                                               pg_catalog.quote_ident(a.attname)) > 0))) AS key,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.attnotnull
                AND NOT a.attisdropped) AS not_null,
       ARRAY(SELECT pg_catalog.concat(k.confrelid::bigint, ' ',
                        (SELECT pg_catalog.string_agg(a.attname::text, ',' ORDER BY u.place)
                           FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS u (number, place)
                           JOIN pg_catalog.pg_attribute a
                             ON a.attrelid = k.conrelid AND a.attnum = u.number))
               FROM pg_catalog.pg_constraint k
              WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conparentid = 0) AS foreign_keys
  FROM (SELECT oid, pg_catalog.min(depth) AS depth FROM tree GROUP BY oid) tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
 ORDER BY tree.depth, c.oid;
