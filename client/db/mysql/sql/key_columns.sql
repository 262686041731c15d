-- $1 schema or null, $2 table
-- gives: the columns of the key that a backfill goes along: the primary one, else a unique
-- one without NULLs; with the kind of their values
SELECT s.INDEX_NAME AS `index`, s.COLUMN_NAME AS name, c.DATA_TYPE AS type
  FROM information_schema.STATISTICS s
  JOIN information_schema.COLUMNS c
    ON c.TABLE_SCHEMA = s.TABLE_SCHEMA AND c.TABLE_NAME = s.TABLE_NAME AND c.COLUMN_NAME = s.COLUMN_NAME
 WHERE s.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND s.TABLE_NAME = $2
   AND s.INDEX_NAME = (
       SELECT k.INDEX_NAME
         FROM information_schema.STATISTICS k
        WHERE k.TABLE_SCHEMA = COALESCE($1, DATABASE()) AND k.TABLE_NAME = $2 AND k.NON_UNIQUE = 0
        GROUP BY k.INDEX_NAME
       HAVING SUM(k.NULLABLE = 'YES') = 0 AND SUM(k.SUB_PART IS NOT NULL) = 0
        ORDER BY k.INDEX_NAME <> 'PRIMARY', k.INDEX_NAME
        LIMIT 1)
 ORDER BY s.SEQ_IN_INDEX;
