-- $1 schema, $2 table
-- gives: its columns, in order; a default as it is written in SQL
SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.ORDINAL_POSITION AS number,
       IF(c.IS_NULLABLE = 'NO', 't', 'f') AS not_null,
       IF(c.EXTRA LIKE '%GENERATED%', 't', 'f') AS `generated`,
       IF(c.EXTRA LIKE '%auto_increment%', 't', 'f') AS `identity`,
       NULLIF(c.COLUMN_DEFAULT, 'NULL') AS default_sql
  FROM information_schema.COLUMNS c
 WHERE c.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND c.TABLE_NAME = $2
 ORDER BY c.ORDINAL_POSITION;
