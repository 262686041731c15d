-- $1 a type, as written in SQL
-- gives: whether it is a domain that is worked out anew for every row of a table that
-- gets a column of it: one that checks something, or whose default calls a function.
-- False also where there is no such type: the server will say.
WITH RECURSIVE below (oid, base, checks, default_sql) AS (
    SELECT t.oid, t.typbasetype, t.typnotnull, t.typdefault
      FROM pg_catalog.pg_type t
     WHERE t.oid = pg_catalog.to_regtype($1) AND t.typtype = 'd'
     UNION ALL
    SELECT t.oid, t.typbasetype, t.typnotnull, NULL
      FROM below
      JOIN pg_catalog.pg_type t ON t.oid = below.base AND t.typtype = 'd'
)
SELECT coalesce(pg_catalog.bool_or(below.checks OR below.default_sql LIKE '%(%'
                                   OR EXISTS (SELECT FROM pg_catalog.pg_constraint k
                                               WHERE k.contypid = below.oid)),
                false) AS rewrites
  FROM below;
