-- gives: what this session may see, and whether the server can change anything
SELECT pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') AS sees_all_activity,
       current_user::text AS "user";
