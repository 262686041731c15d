-- ?1 table
-- gives: its columns that hold what was written to them
SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0 ORDER BY cid;
