-- $1 names of relations, quoted as in SQL, as an array
-- gives: the places in it, counted from 0, of those that there are
SELECT (w.place - 1)::bigint AS place
  FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY w (name, place)
 WHERE pg_catalog.to_regclass(w.name) IS NOT NULL;
