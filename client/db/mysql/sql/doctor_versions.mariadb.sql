-- gives: no row: MariaDB knows no limit
SELECT '' AS kind, '' AS object, NULL AS detail FROM DUAL WHERE 1 = 0;
