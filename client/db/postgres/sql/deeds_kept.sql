-- $1 component, $2 id of our run
-- gives: how many steps the history says that we have done, or undone; their own rows may
-- be gone again, those of the audit trail stay
SELECT pg_catalog.count(*) AS steps
  FROM pgstride.events
 WHERE component = $1 AND run_id = $2::uuid AND kind = 'step' AND outcome = 'done';
