-- How long the operator's query may take, in ms.
SET SESSION max_execution_time = 1000;
