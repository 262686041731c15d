-- $1 schema, $2 table
-- gives: its columns, in order
SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.ORDINAL_POSITION AS number,
       IF(c.IS_NULLABLE = 'NO', 't', 'f') AS not_null,
       IF(c.EXTRA LIKE '%GENERATED%' AND c.EXTRA NOT LIKE '%DEFAULT_GENERATED%', 't', 'f') AS `generated`,
       IF(c.EXTRA LIKE '%auto_increment%', 't', 'f') AS `identity`,
       c.COLUMN_DEFAULT AS default_sql
  FROM information_schema.COLUMNS c
 WHERE c.TABLE_SCHEMA = $1 AND c.TABLE_NAME = $2
 ORDER BY c.ORDINAL_POSITION;
