-- gives: the changes of every project that are deployed, as sqitch's registry has them
SELECT change_id AS version, change AS name, project AS kind, script_hash AS checksum,
       true AS applied, false AS failed
  FROM sqitch.changes
 ORDER BY committed_at;
