-- gives: the database and the role we are
SELECT pg_catalog.current_database()::text AS database, current_user::text AS user_name;
