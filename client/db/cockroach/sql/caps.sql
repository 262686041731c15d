-- gives: whose privileges count
SELECT current_user::text AS "user";
