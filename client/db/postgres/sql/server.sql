-- gives: product as the server names itself, pid of the backend that answers
SELECT pg_catalog.version() AS product,
       pg_catalog.pg_backend_pid() AS backend_pid;
