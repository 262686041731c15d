-- $1 oids of the relations, as an array; $2 pids of our own sessions, as an array; $3
-- those of $1 that are locked without what inherits from them
-- gives: everybody who holds, or waits for, a lock on one of them or on what inherits
-- from it, with `need`, the place of the relation in $1. Nothing is locked by looking.
-- What we may not see of others is null: their age, state and query.
WITH RECURSIVE tree AS (
    SELECT (wanted.place - 1)::bigint AS need, wanted.oid
      FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY wanted(oid, place)
     UNION
    SELECT tree.need, i.inhrelid
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
     WHERE tree.oid <> ALL ($3::oid[])
), locks AS (
    SELECT * FROM pg_catalog.pg_locks
), prepared AS (
    -- It has no pid, but holds the lock of its own transaction id beside the others.
    SELECT x.virtualtransaction, p.gid, p.owner, p.prepared
      FROM locks x
      JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = x.transactionid
     WHERE x.locktype = 'transactionid' AND x.pid IS NULL
)
SELECT tree.need,
       CASE WHEN l.pid IS NULL THEN 'prepared'
            WHEN a.query LIKE 'autovacuum: % (to prevent wraparound)' THEN 'wraparound'
            WHEN a.backend_type = 'autovacuum worker' THEN 'autovacuum'
            WHEN a.backend_type IS NULL AND a.usesysid IS NULL
                 AND l.mode = 'ShareUpdateExclusiveLock' THEN 'autovacuum'
            WHEN a.state LIKE 'idle in transaction%' THEN 'idle'
            WHEN a.backend_type IS NULL OR a.backend_type = 'client backend' THEN 'session'
            ELSE 'other' END AS kind,
       coalesce(l.pid, 0)::bigint AS pid,
       p.gid,
       coalesce(a.usename, p.owner)::text AS "user",
       a.application_name AS application,
       pg_catalog.host(a.client_addr) AS client,
       a.state,
       nullif(a.query, '<insufficient privilege>') AS query,
       l.relation::regclass::text AS relation,
       l.mode,
       l.granted,
       a.backend_xid IS NOT NULL AS wrote,
       (pg_catalog.date_part('epoch', a.xact_start) * 1000000)::bigint AS begun_us,
       (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint AS state_us,
       l.virtualtransaction AS transaction,
       (pg_catalog.date_part('epoch', now.at - begun.at) * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', now.at - coalesce(a.state_change, p.prepared))
        * 1000)::bigint AS state_ms
  FROM tree
  JOIN locks l
    ON l.locktype = 'relation' AND l.relation = tree.oid
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                      WHERE d.datname = pg_catalog.current_database())
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN prepared p ON l.pid IS NULL AND p.virtualtransaction = l.virtualtransaction
 CROSS JOIN (SELECT pg_catalog.clock_timestamp()) now(at)
 -- Locks and sessions are not read at the same instant: who lets us see that it is in no
 -- transaction has only just ended one, or only just begun.
 CROSS JOIN LATERAL (SELECT coalesce(a.xact_start, p.prepared,
                                     CASE WHEN a.state IS NOT NULL THEN now.at END)) begun(at)
 WHERE (l.pid IS NULL OR l.pid <> ALL ($2::integer[]))
   AND a.backend_type IS DISTINCT FROM 'parallel worker'
 ORDER BY begun.at NULLS FIRST, l.pid;
