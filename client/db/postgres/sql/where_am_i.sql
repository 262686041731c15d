-- gives: the database, the role we are, what unqualified names mean to us, and how many
-- standbys replay what we do
SELECT pg_catalog.current_database()::text AS database,
       current_user::text AS user_name,
       coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ' ORDER BY place)
                   FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY p (s, place)),
                '') AS search_path,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication r
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_slots s
                            WHERE s.active_pid = r.pid AND s.slot_type = 'logical')) AS standbys;
