-- gives: the database, the role we are, what unqualified names mean to us, and how many
-- standbys replay what we do (by the functions: planning their views takes longer than
-- all else that is asked before the history)
SELECT pg_catalog.current_database()::text AS database,
       current_user::text AS user_name,
       pg_catalog.array_to_string(ARRAY(
           SELECT pg_catalog.quote_ident(p.s)
             FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY p (s, place)
            ORDER BY p.place), ', ') AS search_path,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_get_wal_senders() r
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_get_replication_slots() s
                            WHERE s.active_pid = r.pid AND s.slot_type = 'logical')) AS standbys;
