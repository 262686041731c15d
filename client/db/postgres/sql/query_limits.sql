-- How long the operator's query may take; in the transaction that query_begin has begun.
SET LOCAL statement_timeout = '1s';
