-- $1 component, $2 version, $3 number of the backfill, $4 oid of the table, $5 id of our
-- run, $6 numbers of its parts, $7 their positions, $8 their ends, all as arrays
-- Cuts the table into these parts: those that are there end earlier, the others are new.
-- gives: how many rows were written; 0: another run has the fence
WITH written AS (
    INSERT INTO pgstride.backfills AS b
           (component, version, number, leaf, part, leaf_name, filenode, position, end_block, run_id)
    SELECT w.component, w.version, w.number, w.leaf, p.part, w.leaf_name, w.filenode,
           p.position, p.end_block, w.run_id
      FROM pgstride.backfills w
     CROSS JOIN ROWS FROM (pg_catalog.unnest($6::integer[]), pg_catalog.unnest($7::bigint[]),
                           pg_catalog.unnest($8::bigint[])) AS p (part, position, end_block)
     WHERE w.component = $1 AND w.version = $2 AND w.number = $3::integer
       AND w.leaf = $4::oid AND w.part = 0 AND w.run_id = $5::uuid
    ON CONFLICT (component, version, number, leaf, part) DO UPDATE SET
           position = excluded.position, end_block = excluded.end_block
    RETURNING b.part
)
SELECT pg_catalog.count(*) AS parts FROM written;
