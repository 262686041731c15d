-- ?1 table; any view may stand on it
-- gives: the views
SELECT name FROM sqlite_schema WHERE type = 'view' AND ?1 IS NOT NULL;
