-- gives: how many statements the server is at, this one among them
SELECT CONCAT(s.VARIABLE_VALUE, IF(s.VARIABLE_VALUE = 1, ' statement', ' statements'), ' running') AS line
  FROM performance_schema.global_status s WHERE s.VARIABLE_NAME = 'Threads_running';
