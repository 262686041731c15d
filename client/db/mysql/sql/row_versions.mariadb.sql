-- $1 schema or null, $2 table
-- gives: no row: MariaDB knows no limit
SELECT NULL AS versions, NULL AS most FROM DUAL WHERE $1 IS NULL AND $2 IS NULL;
