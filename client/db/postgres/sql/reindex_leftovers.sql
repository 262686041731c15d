-- $1 a table or an index, quoted as in SQL
-- gives: invalid indexes beside it (or on it, or on its TOAST table) that are named like what an interrupted
-- REINDEX CONCURRENTLY leaves, each with every index it could belong to. Whoever asks
-- compares the names. Not while somebody builds on that table.
SELECT l.oid::regclass::text AS name,
       l.relname::text AS leftover,
       b.relname::text AS of_index
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class l ON l.oid = i.indexrelid
  JOIN pg_catalog.pg_index bi ON bi.indrelid = i.indrelid AND bi.indexrelid <> i.indexrelid
  JOIN pg_catalog.pg_class b ON b.oid = bi.indexrelid
 WHERE NOT i.indisvalid
   AND l.relname ~ '_cc(new|old)[0-9]*$'
   AND pg_catalog.to_regclass($1)
       IN (bi.indexrelid, bi.indrelid,
           (SELECT t.oid FROM pg_catalog.pg_class t WHERE t.reltoastrelid = bi.indrelid))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p
                     JOIN pg_catalog.pg_locks k ON k.pid = p.pid
                    WHERE k.relation = i.indrelid AND k.granted)
 ORDER BY l.relname;
