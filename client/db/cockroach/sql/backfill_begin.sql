-- $1 component, $2 version, $3 number, $4 table, $5 run id
INSERT INTO pgstride.backfills (component, version, number, leaf_name, run_id)
VALUES ($1, $2, $3::integer, $4, $5::uuid)
    ON CONFLICT (component, version, number, leaf, part) DO NOTHING;
