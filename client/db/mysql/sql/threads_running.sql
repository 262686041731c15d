-- gives: how many statements the server is at, ours not among them
SHOW GLOBAL STATUS LIKE 'Threads_running';
