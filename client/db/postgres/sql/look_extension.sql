-- $1 oids of the relations, as an array; $2 pids of our own sessions, as an array; $3
-- those of $1 that are locked without what inherits from them; $4 the mode for each of $1
-- gives: as look.sql does, everybody whose lock, or whose wish for one, conflicts. Asked
-- where the server extension is. What we may not see of others is null: their query, and
-- the age where we may not lock the relation either.
SELECT c.need::bigint AS need,
       c.kind,
       c.pid::bigint AS pid,
       p.gid,
       coalesce(a.usename, p.owner)::text AS "user",
       a.application_name AS application,
       pg_catalog.host(a.client_addr) AS client,
       a.state,
       nullif(a.query, '<insufficient privilege>') AS query,
       c.relation::text AS relation,
       c.mode,
       c.granted,
       c.wrote,
       (pg_catalog.date_part('epoch', c.begun) * 1000000)::bigint AS begun_us,
       (pg_catalog.date_part('epoch', a.state_change) * 1000000)::bigint AS state_us,
       c.transaction,
       (pg_catalog.date_part('epoch', now.at - begun.at) * 1000)::bigint AS age_ms,
       (pg_catalog.date_part('epoch', now.at - coalesce(a.state_change, p.prepared))
        * 1000)::bigint AS state_ms
  FROM pgstride_server.lock_conflicts(
           $1::oid[]::regclass[], $4::text[],
           ARRAY(SELECT wanted.oid = ANY ($3::oid[])
                   FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY wanted(oid, place)
                  ORDER BY wanted.place)) c
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = c.pid
  LEFT JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = c.xid
 CROSS JOIN (SELECT pg_catalog.clock_timestamp()) now(at)
 CROSS JOIN LATERAL (SELECT coalesce(c.begun, p.prepared)) begun(at)
 WHERE c.pid <> ALL ($2::integer[])
 ORDER BY begun.at NULLS FIRST, c.pid;
