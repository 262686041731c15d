-- $1 name of a function, as it would be written
-- gives: the worst volatility of those that have it
SELECT max(p.provolatile::text) AS volatility
  FROM pg_catalog.pg_proc p
 WHERE p.proname::text = split_part($1, '.', 2) OR
       (strpos($1, '.') = 0 AND p.proname::text = $1);
