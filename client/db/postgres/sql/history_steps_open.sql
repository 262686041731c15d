-- $1 component, $2 null
-- gives: of the steps that ran, those of migrations that are not complete, and of undos
-- Not a join: of tables that were never analyzed the server expects a handful of rows.
SELECT version, phase, number::bigint AS number, kind, title, hash, done, sql, undo
  FROM pgstride.steps
 WHERE component = $1 AND ($2::text IS NULL OR version = $2)
   AND (version NOT IN (SELECT m.version FROM pgstride.migrations m
                         WHERE m.component = $1 AND m.state = 'contracted')
        OR phase LIKE 'undo %')
 ORDER BY started_at, number;
