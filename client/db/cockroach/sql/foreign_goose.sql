-- gives: the newest row of every version of goose
SELECT DISTINCT ON (version_id) version_id AS version, NULL AS name, NULL AS kind,
       NULL AS checksum, is_applied AS applied, false AS failed
  FROM goose_db_version
 WHERE version_id > 0
 ORDER BY version_id, id DESC;
