-- gives: whether pgstride's tables are here; the newest of them is made last
SELECT EXISTS (SELECT 1 FROM information_schema.tables
                WHERE table_schema = 'pgstride' AND table_name = 'pulse') AS here,
       true AS readable;
