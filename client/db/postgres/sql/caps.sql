-- gives: what this session may see, whether the server can change anything, and which
-- version of the server extension this database has, if any; `extension_open` tells
-- whether we may call all of it
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all_activity,
       current_user::text AS "user",
       e.extversion AS extension,
       coalesce(pg_catalog.has_schema_privilege(e.extnamespace, 'USAGE')
                AND (SELECT pg_catalog.bool_and(pg_catalog.has_function_privilege(d.objid, 'EXECUTE'))
                       FROM pg_catalog.pg_depend d
                      WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass
                        AND d.refobjid = e.oid AND d.deptype = 'e'
                        AND d.classid = 'pg_catalog.pg_proc'::regclass),
                false) AS extension_open
  FROM (SELECT) here
  LEFT JOIN pg_catalog.pg_extension e ON e.extname = 'pgstride';
