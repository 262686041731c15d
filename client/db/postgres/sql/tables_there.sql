-- $1 names of relations, quoted as in SQL, as an array
-- gives: of those that there are the place in it, counted from 0, where each is, and whose
SELECT (w.place - 1)::bigint AS place,
       c.oid::bigint AS oid,
       n.nspname::text AS schema_name,
       c.relname::text AS table_name,
       c.relkind::text AS kind,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       pg_catalog.pg_has_role(c.relowner, 'USAGE') AS may_own,
       -- see lock_target.sql
       c.relkind IN ('r', 'p')
           AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') AS lockable
  FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY w (name, place)
  JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(w.name)
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace;
