-- How long the operator's query may take, in seconds.
SET SESSION max_statement_time = 1;
