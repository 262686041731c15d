-- $1 the relation's name, quoted as in SQL
-- gives: its oid (0: there is none), whether LOCK TABLE accepts it from us, and how long
-- an autovacuum lets others wait. LOCK TABLE refuses indexes, sequences, foreign tables
-- and materialized views, and on a view it would lock every table below it.
SELECT coalesce(c.oid, 0)::bigint AS oid,
       coalesce(c.relkind IN ('r', 'p')
                AND pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE'),
                false) AS lockable,
       (pg_catalog.date_part('epoch', pg_catalog.current_setting('deadlock_timeout')::pg_catalog.interval)
        * 1000)::bigint AS deadlock_ms
  FROM (SELECT pg_catalog.to_regclass($1) AS oid) named
  LEFT JOIN pg_catalog.pg_class c ON c.oid = named.oid;
