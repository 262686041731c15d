-- $1 schema or null (then this database), $2 table
-- gives: its columns, in order; a default as it is written in SQL
SELECT c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.ORDINAL_POSITION AS number,
       IF(c.IS_NULLABLE = 'NO', 't', 'f') AS not_null,
       IF(c.EXTRA LIKE '%GENERATED%' AND c.EXTRA NOT LIKE '%DEFAULT_GENERATED%', 't', 'f') AS `generated`,
       IF(c.EXTRA LIKE '%auto_increment%', 't', 'f') AS `identity`,
       IF(c.COLUMN_DEFAULT IS NULL, NULL,
          IF(c.EXTRA LIKE '%DEFAULT_GENERATED%', CONCAT('(', c.COLUMN_DEFAULT, ')'), QUOTE(c.COLUMN_DEFAULT)))
           AS default_sql
  FROM information_schema.COLUMNS c
 WHERE c.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND c.TABLE_NAME = $2
 ORDER BY c.ORDINAL_POSITION;
