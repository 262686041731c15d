-- $1 schema or null (then this database), $2 table
-- gives: what the catalog says of it; no row: it is not there
SELECT t.TABLE_SCHEMA AS schema_name, t.TABLE_NAME AS table_name,
       IF(t.TABLE_TYPE LIKE '%VIEW', 'v', 'r') AS kind,
       COALESCE(t.ENGINE, '') AS access_method,
       COALESCE(t.TABLE_ROWS, 0) AS `rows`,
       COALESCE(t.DATA_LENGTH, 0) AS heap_bytes,
       COALESCE(t.DATA_LENGTH, 0) + COALESCE(t.INDEX_LENGTH, 0) AS total_bytes
  FROM information_schema.TABLES t
 WHERE t.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND t.TABLE_NAME = $2;
