-- gives: the database, the role we are, and the schemas that unqualified names mean;
-- this session's temporary schema is left out: other sessions have their own
SELECT pg_catalog.current_database()::text AS database,
       current_user::text AS user_name,
       (SELECT coalesce(pg_catalog.string_agg(pg_catalog.quote_ident(p.name), ', ' ORDER BY p.position), '')
          FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p(name, position)
         WHERE NOT pg_catalog.starts_with(p.name::text, 'pg_temp')) AS search_path;
