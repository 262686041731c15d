-- ?1 component, ?2 id of our run
-- gives: how many steps the history says that we have done, or undone; their own rows may
-- be gone again, those of the audit trail stay
SELECT count(*) AS steps
  FROM pgstride_events
 WHERE component = ?1 AND run_id = ?2 AND kind = 'step' AND outcome = 'done';
