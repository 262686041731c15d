-- gives: how many statements the server is at, this one among them
SELECT CONCAT(VARIABLE_VALUE, IF(VARIABLE_VALUE = 1, ' statement', ' statements'), ' running') AS line
  FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'THREADS_RUNNING';
