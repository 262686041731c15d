-- gives: the database, the role we are, what unqualified names mean to us
SELECT current_database()::text AS database,
       current_user::text AS user_name,
       array_to_string(current_schemas(false), ', ') AS search_path,
       0 AS standbys;
