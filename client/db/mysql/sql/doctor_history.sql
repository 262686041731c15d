-- gives: what of the histories of all components is not finished: see core/doctor.h.
-- `busy`: a run is at work on it. A sync trigger is known by the statement that made it; who
-- lacks the privilege TRIGGER is shown none, and then none is lost.
WITH grants AS (
    SELECT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER'
       AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
     UNION
    SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES WHERE PRIVILEGE_TYPE = 'TRIGGER'
       AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''') AND DATABASE() LIKE TABLE_SCHEMA
), there AS (
    SELECT CONCAT('`', REPLACE(g.TRIGGER_NAME, '`', '``'), '` BEFORE ') AS made_as, g.TRIGGER_NAME AS name
      FROM information_schema.TRIGGERS g
     WHERE g.TRIGGER_SCHEMA = DATABASE() AND g.TRIGGER_NAME LIKE 'pgstride\_%'
), makes AS (
    SELECT s.component, s.version, s.phase, s.done, s.`sql`, COALESCE(m.state, 'pending') AS state
      FROM pgstride_steps s
      LEFT JOIN pgstride_migrations m ON m.component = s.component AND m.version = s.version
     WHERE s.`sql` LIKE 'CREATE TRIGGER %pgstride\_%' AND COALESCE(m.state, 'pending') <> 'contracted'
)
SELECT h.kind, h.component, h.version, h.what, h.number, '' AS token,
       IF(EXISTS (SELECT 1 FROM pgstride_runners r
                    JOIN pgstride_runs g ON g.id = r.run_id AND g.finished_at IS NULL
                    JOIN information_schema.PROCESSLIST p ON p.ID = r.connection
                   WHERE r.component = h.component), 't', 'f') AS busy
  FROM (SELECT 'open' AS kind, m.component, m.version, m.state AS what, 0 AS number
          FROM pgstride_migrations m WHERE m.state <> 'contracted'
         UNION ALL
        SELECT 'failed', m.component, m.version, m.error, 0 FROM pgstride_migrations m WHERE m.failed
         UNION ALL
        SELECT IF(p.phase LIKE 'undo %', 'undoing', 'partial'), p.component, p.version, p.phase,
               (SELECT COUNT(*) FROM pgstride_steps s
                 WHERE s.component = p.component AND s.version = p.version AND s.phase = p.phase AND s.done)
          FROM pgstride_phases p WHERE NOT p.done
         UNION ALL
        SELECT DISTINCT 'undoing', s.component, s.version, s.phase, 0
          FROM pgstride_steps s WHERE s.phase LIKE 'undo %'
         UNION ALL
        SELECT 'needs', s.component, s.version, t.name, 0
          FROM makes s JOIN there t ON LOCATE(t.made_as, s.`sql`) > 0
         UNION ALL
        SELECT 'sync-lost', s.component, s.version,
               GROUP_CONCAT(SUBSTRING_INDEX(SUBSTRING_INDEX(s.`sql`, '` BEFORE ', 1), '`', -1) SEPARATOR ', '), 0
          FROM makes s
          LEFT JOIN there t ON LOCATE(t.made_as, s.`sql`) > 0
         WHERE t.name IS NULL AND s.phase = 'expand' AND s.done AND s.state <> 'pending'
           AND NOT EXISTS (SELECT 1 FROM pgstride_steps d
                            WHERE d.component = s.component AND d.version = s.version
                              AND d.phase = 'contract' AND d.`sql` LIKE '%DROP TRIGGER%')
           AND (EXISTS (SELECT 1 FROM there) OR EXISTS (SELECT 1 FROM grants))
         GROUP BY s.component, s.version
         UNION ALL
        SELECT 'set-aside', s.component, s.version, MIN(CONCAT(s.`key`, ': ', s.error)), COUNT(*)
          FROM pgstride_set_aside s GROUP BY s.component, s.version
         UNION ALL
        SELECT 'backfill', b.component, b.version, MIN(b.leaf_name), COUNT(*)
          FROM pgstride_backfills b
          JOIN pgstride_migrations m ON m.component = b.component AND m.version = b.version
         WHERE NOT b.verified AND m.state IN ('pending', 'expanded') GROUP BY b.component, b.version) h
 ORDER BY h.component, h.version, h.kind;
