-- gives: the newest row of every version of goose
SELECT version_id AS version, NULL AS name, NULL AS kind, NULL AS checksum,
       IF(is_applied, 't', 'f') AS applied, 'f' AS failed
  FROM goose_db_version
 WHERE version_id > 0 AND id IN (SELECT max(id) FROM goose_db_version GROUP BY version_id)
 ORDER BY version_id;
