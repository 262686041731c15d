-- $1 oid of the table
-- gives: its indexes, and the numbers of all columns that each of them reads
SELECT n.nspname::text AS schema_name,
       c.relname::text AS index_name,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
       pg_catalog.array_to_string(ARRAY(
           SELECT DISTINCT d.refobjsubid FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
              AND d.objid = i.indexrelid
              AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
              AND d.refobjid = i.indrelid AND d.refobjsubid > 0
           UNION SELECT k FROM pg_catalog.unnest(i.indkey::smallint[]) k WHERE k > 0
            ORDER BY 1), ',') AS mentions,
       i.indisunique AS unique,
       i.indisprimary AS primary,
       EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid
                  AND k.contype IN ('p', 'u', 'x')) AS constraint,
       i.indisreplident AS replica_identity,
       i.indisvalid AS valid,
       i.indisready AS ready
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE i.indrelid = $1::oid
 ORDER BY c.relname;
