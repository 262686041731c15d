-- $1 schema, $2 table
-- gives: its columns that a foreign key changes when the row it points at changes
SELECT k.COLUMN_NAME AS name,
       CONCAT('"', r.CONSTRAINT_NAME, '" (',
              IF(r.UPDATE_RULE IN ('CASCADE', 'SET NULL'), CONCAT('ON UPDATE ', r.UPDATE_RULE),
                 CONCAT('ON DELETE ', r.DELETE_RULE)), ')') AS `cascade`
  FROM information_schema.REFERENTIAL_CONSTRAINTS r
  JOIN information_schema.KEY_COLUMN_USAGE k
    ON k.CONSTRAINT_SCHEMA = r.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = r.CONSTRAINT_NAME
 WHERE r.CONSTRAINT_SCHEMA = $1 AND r.TABLE_NAME = $2 AND k.TABLE_SCHEMA = $1 AND k.TABLE_NAME = $2
   AND (r.UPDATE_RULE IN ('CASCADE', 'SET NULL') OR r.DELETE_RULE = 'SET NULL');
