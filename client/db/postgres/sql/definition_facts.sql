-- $1 oid of an index or a view
-- gives: the statements that would make it again, whole; null where that is not all of
-- it (a part of another index, column grants, rules and triggers of a view) and empty
-- for an index that is broken anyway
SELECT CASE
       WHEN c.relkind = 'i' AND c.relispartition THEN NULL
       WHEN c.relkind = 'i' AND NOT i.indisvalid THEN ''
       WHEN c.relkind = 'i' THEN pg_catalog.concat(
            -- its definition with the tablespace, which pg_get_indexdef leaves out
            pg_catalog.left(built.text, pg_catalog.length(built.text) - pg_catalog.length(built.tail)),
            (SELECT ' TABLESPACE ' || pg_catalog.quote_ident(s.spcname)
               FROM pg_catalog.pg_tablespace s WHERE s.oid = c.reltablespace),
            built.tail,
            (SELECT pg_catalog.string_agg(pg_catalog.format('; ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',
                        me.name, a.attnum, a.attstattarget), '' ORDER BY a.attnum)
               FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = c.oid AND a.attstattarget >= 0),
            '; COMMENT ON INDEX ' || me.name || ' IS '
            || pg_catalog.quote_literal(pg_catalog.obj_description(c.oid, 'pg_class')),
            CASE WHEN i.indisclustered
                 THEN pg_catalog.format('; ALTER TABLE %s CLUSTER ON %I', i.indrelid::pg_catalog.regclass, c.relname) END,
            CASE WHEN i.indisreplident
                 THEN pg_catalog.format('; ALTER TABLE %s REPLICA IDENTITY USING INDEX %I',
                                        i.indrelid::pg_catalog.regclass, c.relname) END)
       WHEN c.relkind = 'v'
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid
                               AND (a.attacl IS NOT NULL OR a.atthasdef))
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite r WHERE r.ev_class = c.oid
                               AND r.rulename <> '_RETURN')
       THEN pg_catalog.concat(
            'CREATE VIEW ', me.name,
            ' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')',
            ' AS ', pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), '; '),
            '; ALTER VIEW ', me.name, ' OWNER TO ',
            pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(c.relowner)),
            '; COMMENT ON VIEW ' || me.name || ' IS '
            || pg_catalog.quote_literal(pg_catalog.obj_description(c.oid, 'pg_class')),
            (SELECT pg_catalog.string_agg(
                        pg_catalog.format('; GRANT %s ON %s TO %s%s', a.privilege_type, me.name,
                            CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                                 ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END,
                            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
                        '' ORDER BY a.grantee, a.privilege_type)
               FROM pg_catalog.aclexplode(c.relacl) a
              WHERE a.grantee <> c.relowner))
       END AS definition
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name) me
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
 CROSS JOIN LATERAL (
       SELECT pg_catalog.pg_get_indexdef(c.oid) AS text,
              coalesce(' WHERE ' || pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS tail) built
 WHERE c.oid = $1::oid;
