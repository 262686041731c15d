-- gives: strange, whether users made anything that could be meant, or called on the way,
-- where text and numbers are given to what core/sql/pg/nulls.c lists
WITH plain AS (
     SELECT pg_catalog.array_agg(t.oid) AS types
       FROM pg_catalog.pg_type t
      WHERE t.oid < 16384
        AND (t.typtype = 'p' OR t.typcategory IN ('N', 'S')))
SELECT EXISTS (SELECT FROM pg_catalog.pg_operator o
                WHERE o.oid >= 16384
                  AND o.oprname IN ('||', '+', '-', '*')
                  AND (o.oprleft = ANY (plain.types) OR o.oprright = ANY (plain.types)))
    OR EXISTS (SELECT FROM pg_catalog.pg_proc p
                WHERE p.oid >= 16384
                  AND p.proname IN ('lower', 'upper', 'initcap', 'btrim', 'replace', 'md5')
                  AND p.proargtypes::pg_catalog.oid[] && plain.types)
    OR EXISTS (SELECT FROM pg_catalog.pg_cast c
                WHERE c.oid >= 16384
                  AND c.castsource = ANY (plain.types)
                  AND (c.castcontext = 'i' OR c.casttarget = ANY (plain.types)))
    OR EXISTS (SELECT FROM pg_catalog.pg_type t
                WHERE t.oid >= 16384
                  AND t.typname = 'text') AS strange
  FROM plain;
