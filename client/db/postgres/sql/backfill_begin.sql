-- $1 component, $2 version, $3 number of the backfill, $4 oid of the table, $5 its name,
-- $6 filenode, $7 blocks, $8 rows, $9 id of our run
-- gives: where the backfill of that table stands; no row: another run has the fence. From
-- here on it is ours; what was written about another file node counts for nothing, because
-- the rows have moved. The fence is locked, so that it cannot change hands meanwhile.
INSERT INTO pgstride.backfills AS b
       (component, version, number, leaf, leaf_name, filenode, end_block, rows_total, run_id)
SELECT $1, $2, $3::integer, $4::oid, $5, $6::oid, $7::bigint,
       greatest($8::bigint, 0), r.run_id
  FROM pgstride.runners r
 WHERE r.component = $1 AND r.run_id = $9::uuid
   FOR SHARE
ON CONFLICT (component, version, number, leaf) DO UPDATE SET
       run_id = excluded.run_id,
       leaf_name = excluded.leaf_name,
       filenode = excluded.filenode,
       position = CASE WHEN b.filenode = excluded.filenode THEN b.position ELSE 0 END,
       end_block = CASE WHEN b.filenode = excluded.filenode THEN b.end_block
                        ELSE excluded.end_block END,
       skipped = CASE WHEN b.filenode = excluded.filenode THEN b.skipped ELSE '{}' END,
       swept = b.swept AND b.filenode = excluded.filenode,
       verified = b.verified AND b.filenode = excluded.filenode
RETURNING b.position, b.end_block, b.skipped, b.rows_done, b.rows_total, b.hot_rows,
          b.wal_bytes, b.swept, b.verified;
