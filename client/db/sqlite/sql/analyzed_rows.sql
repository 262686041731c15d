-- ?1 name of a table; only where ANALYZE has been run
-- gives: how many rows it found in it, or null
SELECT max(CAST(stat AS INTEGER)) AS "rows" FROM sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE;
