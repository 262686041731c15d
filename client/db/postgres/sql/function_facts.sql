-- $1 a function's name, as written in SQL
-- gives: the worst volatility of all functions of that name; no row when there is none
SELECT CASE WHEN pg_catalog.bool_or(p.provolatile = 'v') THEN 'v'
            WHEN pg_catalog.bool_or(p.provolatile = 's') THEN 's'
            ELSE 'i' END AS volatility
  FROM (SELECT pg_catalog.parse_ident($1) AS part) i
  JOIN pg_catalog.pg_proc p
    ON p.proname = i.part[pg_catalog.cardinality(i.part)]
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
 WHERE CASE WHEN pg_catalog.cardinality(i.part) = 1
            THEN pg_catalog.pg_function_is_visible(p.oid)
            ELSE n.nspname = i.part[1] END
HAVING pg_catalog.count(*) > 0;
