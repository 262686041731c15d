-- ?1 table
-- gives: how its indexes and triggers were made; indexes of constraints come with it
SELECT sql FROM sqlite_schema
 WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL
 ORDER BY type, rowid;
