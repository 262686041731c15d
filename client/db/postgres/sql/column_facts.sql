-- $1 oid of the table
-- gives: its columns, and what hangs on each of them
SELECT a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnum::bigint AS number,
       a.attnotnull AS not_null,
       coalesce(pg_catalog.to_jsonb(a) ->> 'attgenerated', '') <> '' AS generated,
       a.attidentity <> '' AS identity,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_sql,
       a.attacl::text AS grants,
       EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s
                WHERE s.stxrelid = a.attrelid AND a.attnum = ANY (s.stxkeys)) AS in_statistics,
       EXISTS (SELECT FROM pg_catalog.pg_publication_rel p
                WHERE p.prrelid = a.attrelid
                  AND (pg_catalog.to_jsonb(p) ->> 'prattrs') IS NOT NULL
                  AND a.attnum::text = ANY (pg_catalog.string_to_array(pg_catalog.to_jsonb(p) ->> 'prattrs', ' '))) AS published,
       -- a column that is computed of it: older servers drop that one without a word
       ARRAY(SELECT DISTINCT pg_catalog.pg_describe_object(p.classid, p.objid, p.objsubid)
               FROM pg_catalog.pg_depend p
              WHERE p.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum
                AND (p.deptype = 'n'
                     OR (p.classid = p.refclassid AND p.objid = a.attrelid AND p.objsubid > 0))
              ORDER BY 1) AS dependents,
       pg_catalog.col_description(a.attrelid, a.attnum) AS comment,
       (SELECT co.collname::text FROM pg_catalog.pg_collation co, pg_catalog.pg_type t
         WHERE co.oid = a.attcollation AND t.oid = a.atttypid
           AND a.attcollation <> t.typcollation) AS collation
  FROM pg_catalog.pg_attribute a
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum;
