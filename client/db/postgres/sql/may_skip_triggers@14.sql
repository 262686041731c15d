-- gives: whether our role may set session_replication_role; these servers tell of no
-- other role than a superuser, though some platforms let more of them: null
SELECT CASE WHEN rolsuper THEN true END AS may
  FROM pg_catalog.pg_roles
 WHERE rolname = current_user;
