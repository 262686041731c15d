-- gives: the database, the role we are, and what unqualified names mean to us
SELECT pg_catalog.current_database()::text AS database,
       current_user::text AS user_name,
       coalesce((SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ' ORDER BY place)
                   FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY p (s, place)),
                '') AS search_path;
