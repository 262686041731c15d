-- $1 pids of our own sessions, as an array
-- gives: everything in this database that was begun and not finished, as far as the
-- catalog says: `kind` as in core/doctor.c, `object` and `table` quoted as in SQL, the
-- same apart for the locks, what it was (`definition`; of sync triggers the name they
-- share with the function they may have), and the statement that mends it, or null where
-- that is more than one. What a live session works on is not ill.
WITH ours AS (
    SELECT c.oid, c.relname, c.relkind, n.nspname
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname !~ '^pg_(toast_)?temp_'
), busy AS (
    -- whoever builds or drops an index concurrently keeps this lock on its table
    SELECT l.relation
      FROM pg_catalog.pg_locks l
      JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'relation' AND l.granted AND l.mode = 'ShareUpdateExclusiveLock'
       AND l.pid <> ALL ($1::integer[])
       AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
), found AS (
    SELECT CASE WHEN i.relkind = 'I' THEN 'index-parts'
                WHEN i.relname ~ '_cc(new|old)[0-9]*$' THEN 'index-reindex'
                WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid)
                THEN 'index-part'
                WHEN x.indisready THEN 'index-ready'
                ELSE 'index-dead' END AS kind,
           i.oid AS object_oid, x.indrelid AS table_oid, i.oid::pg_catalog.regclass::text AS object,
           pg_catalog.pg_get_indexdef(i.oid) AS definition,
           CASE WHEN i.relkind = 'I' THEN NULL
                WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid)
                THEN 'REINDEX INDEX CONCURRENTLY ' || i.oid::pg_catalog.regclass
                ELSE 'DROP INDEX CONCURRENTLY ' || i.oid::pg_catalog.regclass END AS mend
      FROM ours i
      JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid
     WHERE NOT x.indisvalid
       AND (i.relkind <> 'I' OR NOT EXISTS (
                SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.oid))
       AND x.indrelid NOT IN (SELECT relation FROM busy WHERE relation IS NOT NULL)
     UNION ALL
    SELECT CASE WHEN k.conname ~ '^pgstride_.*_[0-9a-f]{8}$' THEN 'proof' ELSE 'constraint' END,
           k.oid, t.oid, pg_catalog.quote_ident(k.conname),
           pg_catalog.pg_get_constraintdef(k.oid),
           'ALTER TABLE ' || t.oid::pg_catalog.regclass
           || CASE WHEN k.conname ~ '^pgstride_.*_[0-9a-f]{8}$' THEN ' DROP CONSTRAINT '
                   ELSE ' VALIDATE CONSTRAINT ' END || pg_catalog.quote_ident(k.conname)
      FROM pg_catalog.pg_constraint k
      JOIN ours t ON t.oid = k.conrelid
     WHERE k.conparentid = 0 AND k.coninhcount = 0
       AND (NOT k.convalidated OR k.conname ~ '^pgstride_.*_[0-9a-f]{8}$')
       AND coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true)
       AND t.oid NOT IN (SELECT relation FROM busy WHERE relation IS NOT NULL)
     UNION ALL
    SELECT 'detach', t.oid, p.oid, t.oid::pg_catalog.regclass::text, NULL,
           'ALTER TABLE ' || p.oid::pg_catalog.regclass || ' DETACH PARTITION '
           || t.oid::pg_catalog.regclass || ' FINALIZE'
      FROM pg_catalog.pg_inherits h
      JOIN ours t ON t.oid = h.inhrelid
      JOIN ours p ON p.oid = h.inhparent
     WHERE coalesce((pg_catalog.to_jsonb(h) ->> 'inhdetachpending')::boolean, false)
       AND p.oid NOT IN (SELECT relation FROM busy WHERE relation IS NOT NULL)
     UNION ALL
    -- a child that has left its parent keeps its own; the root's is the oldest of them
    SELECT CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger o
                              WHERE o.tgname = g.tgname AND o.tgfoid = g.tgfoid AND o.oid < g.oid)
                     AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h
                                       JOIN pg_catalog.pg_trigger u ON u.tgrelid = h.inhparent
                                      WHERE h.inhrelid = g.tgrelid AND u.tgname = g.tgname
                                        AND u.tgfoid = g.tgfoid) THEN 'sync-stray'
                WHEN g.tgenabled = 'A' THEN 'sync' ELSE 'sync-disabled' END,
           g.oid, t.oid, pg_catalog.quote_ident(g.tgname),
           CASE WHEN n.nspname = 'pgstride' THEN f.proname::text
                ELSE pg_catalog.substr(g.tgname::text, 11) END,
           CASE WHEN g.tgenabled = 'A'
                THEN 'DROP TRIGGER ' || pg_catalog.quote_ident(g.tgname) || ' ON '
                     || t.oid::pg_catalog.regclass
                ELSE 'ALTER TABLE ' || t.oid::pg_catalog.regclass
                     || ' ENABLE ALWAYS TRIGGER ' || pg_catalog.quote_ident(g.tgname) END
      FROM pg_catalog.pg_trigger g
      JOIN ours t ON t.oid = g.tgrelid
      JOIN pg_catalog.pg_proc f ON f.oid = g.tgfoid
      JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
     WHERE NOT g.tgisinternal
       AND (n.nspname = 'pgstride' AND f.proname ~ '^sync_' OR
            n.nspname = 'pgstride_server' AND f.proname = 'sync'
            AND g.tgname ~ '^~pgstride_sync_')
     UNION ALL
    SELECT 'sync-missing', g.oid, t.oid, pg_catalog.quote_ident(g.tgname),
           pg_catalog.substr(g.tgname::text, 11),
           'CREATE TRIGGER ' || pg_catalog.quote_ident(g.tgname) || ' BEFORE INSERT OR UPDATE ON '
           || t.oid::pg_catalog.regclass || ' FOR EACH ROW '
           || pg_catalog."substring"(pg_catalog.pg_get_triggerdef(g.oid),
                                     'EXECUTE (?:FUNCTION|PROCEDURE) .*$')
      FROM pg_catalog.pg_trigger g
      JOIN pg_catalog.pg_inherits h ON h.inhparent = g.tgrelid
      JOIN ours t ON t.oid = h.inhrelid AND t.relkind = 'r'
     WHERE NOT g.tgisinternal AND g.tgname ~ '^~pgstride_sync_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger c
                        WHERE c.tgrelid = t.oid AND c.tgname = g.tgname)
     UNION ALL
    SELECT 'sync-function', f.oid, 0, 'pgstride.' || pg_catalog.quote_ident(f.proname),
           f.proname::text, 'DROP FUNCTION pgstride.' || pg_catalog.quote_ident(f.proname) || '()'
      FROM pg_catalog.pg_proc f
      JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace AND n.nspname = 'pgstride'
     WHERE f.proname ~ '^sync_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgfoid = f.oid)
)
SELECT found.kind, found.object, EXISTS (
           SELECT FROM pg_catalog.pg_proc f
             JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace AND n.nspname = 'pgstride'
            WHERE f.proname::text = found.definition AND found.kind LIKE 'sync%') AS has_function,
       t.nspname::text AS table_schema, t.relname::text AS table_name,
       t.oid::pg_catalog.regclass::text AS "table", found.definition, found.mend,
       coalesce(pg_catalog.pg_has_role(c.relowner, 'USAGE'), true) AS may_mend,
       o.relname::text AS object_name, o.nspname::text AS object_schema
  FROM found
  LEFT JOIN ours t ON t.oid = found.table_oid
  LEFT JOIN pg_catalog.pg_class c ON c.oid = found.table_oid
  LEFT JOIN ours o ON o.oid = found.object_oid AND found.kind LIKE ANY (ARRAY['index%', 'detach'])
 ORDER BY found.kind, t.oid::pg_catalog.regclass::text, found.object;
