-- $1 component
-- gives: what the phases of migrations of other components have sent, where they are not
-- contracted: the tables in it are theirs for now, whether or not anything is filled yet
SELECT s.component, CONCAT_WS('_', m.version, NULLIF(m.name, '')) AS label, s.`sql`
  FROM pgstride_migrations m
  JOIN pgstride_steps s ON s.component = m.component AND s.version = m.version
 WHERE m.component <> $1 AND m.state <> 'contracted'
   AND s.phase IN ('expand', 'backfill', 'contract')
 ORDER BY s.component, m.version, s.started_at;
