-- $1 oid of the table
-- gives: its own triggers, not those of constraints; bits as in the server's pg_trigger.h
SELECT t.tgname::text AS name,
       t.tgfoid::pg_catalog.regprocedure::text AS function,
       pg_catalog.pg_get_triggerdef(t.oid) AS definition,
       t.tgenabled::text AS enabled,
       (t.tgtype & 1) <> 0 AND (t.tgtype & 2) <> 0 AS before_row,
       (t.tgtype & 16) <> 0 AS on_update,
       (t.tgtype & 4) <> 0 AS on_insert,
       (t.tgtype & 8) <> 0 AS on_delete,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
              WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::int2[])) AS columns,
       EXISTS (SELECT FROM pg_catalog.pg_proc p, pg_catalog.pg_namespace n
                WHERE p.oid = t.tgfoid AND n.oid = p.pronamespace
                  AND (n.nspname = 'pgstride' OR
                       n.nspname = 'pgstride_server' AND p.proname = 'sync')) AS ours
  FROM pg_catalog.pg_trigger t
 WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal
 ORDER BY t.tgname;
