-- gives: product as the server names itself, id of the session that answers
SELECT version() AS product, pg_backend_pid() AS backend_pid;
