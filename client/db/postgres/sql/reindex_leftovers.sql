-- $1 a table or an index, quoted as in SQL, or null; $2 a schema, or null: with neither
-- the whole database is meant
-- gives: invalid indexes beside it (or on it, on its partitions, on a TOAST table of
-- these) that are named like what an interrupted REINDEX CONCURRENTLY leaves, each with
-- every index it could belong to. Whoever asks compares the names. Not while somebody
-- builds on that table.
WITH RECURSIVE tree (oid) AS (
    SELECT pg_catalog.to_regclass($1)::oid
     UNION
    SELECT h.inhrelid FROM tree JOIN pg_catalog.pg_inherits h ON h.inhparent = tree.oid
)
SELECT l.oid::pg_catalog.regclass::text AS name,
       l.relname::text AS leftover,
       b.relname::text AS of_index
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class l ON l.oid = i.indexrelid
  JOIN pg_catalog.pg_index bi ON bi.indrelid = i.indrelid AND bi.indexrelid <> i.indexrelid
  JOIN pg_catalog.pg_class b ON b.oid = bi.indexrelid
  LEFT JOIN pg_catalog.pg_class o ON o.reltoastrelid = i.indrelid
  JOIN pg_catalog.pg_class t ON t.oid = coalesce(o.oid, i.indrelid)
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE NOT i.indisvalid
   AND l.relname ~ '_cc(new|old)[0-9]*$'
   AND CASE WHEN $1::text IS NOT NULL
            THEN EXISTS (SELECT FROM tree WHERE tree.oid IN (bi.indexrelid, t.oid))
            ELSE $2::text IS NULL OR n.nspname = $2 END
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
                     JOIN pg_catalog.pg_locks k ON k.pid = p.pid
                    WHERE k.relation = i.indrelid AND k.granted)
 ORDER BY l.relname;
