-- gives: whether pgstride's tables are here (a catalog look-up, never a failing SELECT),
-- and whether the current role may read them
SELECT pg_catalog.to_regclass('pgstride.bookkeeping') IS NOT NULL AS here,
       coalesce(pg_catalog.has_schema_privilege(
                    (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'pgstride'), 'USAGE'),
                true) AS readable;
