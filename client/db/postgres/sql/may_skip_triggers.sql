-- gives: whether our role may set session_replication_role
SELECT pg_catalog.has_parameter_privilege('session_replication_role', 'SET') AS may;
