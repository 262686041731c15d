-- pgstride 1.0: what the client asks of the server.
\echo Use "CREATE EXTENSION pgstride" to load this file. \quit

-- --- what both sides speak ------------------------------------------------------------

-- The client uses the extension when this is the number it was built with.
CREATE FUNCTION pgstride_server.protocol() RETURNS int
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'pgstride_protocol';

-- --- the sync trigger ------------------------------------------------------------------

-- Keeps an old and a new column level; its arguments say which, see src/sync.h.
CREATE FUNCTION pgstride_server.sync() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'pgstride_sync';

-- --- locks ---------------------------------------------------------------------------

-- Parents before children, with a mode for each as LOCK TABLE writes it, and whether it is
-- meant alone, without what inherits from it. `need` counts from 0. A prepared transaction
-- has no pid. `begun` is null where the caller may neither lock the relation nor see what
-- others do.
CREATE FUNCTION pgstride_server.lock_conflicts(relations regclass[], modes text[], alone boolean[],
		OUT need int, OUT relation regclass, OUT pid int, OUT xid xid, OUT kind text, OUT mode text,
		OUT granted boolean, OUT transaction text, OUT wrote boolean, OUT begun timestamptz)
	RETURNS SETOF record
	LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'pgstride_lock_conflicts';

-- The same for people: one mode for all, and a prepared transaction by its name.
CREATE FUNCTION pgstride_server.lock_holders(relations regclass[], mode text,
		OUT relation regclass, OUT pid int, OUT gid text, OUT kind text, OUT held text, OUT granted boolean,
		OUT age interval)
	RETURNS SETOF record
	LANGUAGE sql VOLATILE STRICT PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
	SELECT c.relation, nullif(c.pid, 0), p.gid, c.kind, c.mode, c.granted,
	       clock_timestamp() - coalesce(c.begun, p.prepared)
	  FROM pgstride_server.lock_conflicts($1, array_fill($2, ARRAY[cardinality($1)]),
	                                      array_fill(false, ARRAY[cardinality($1)])) c
	  LEFT JOIN pg_prepared_xacts p ON p.transaction = c.xid
	 ORDER BY coalesce(c.begun, p.prepared) NULLS FIRST, c.pid
	$$;

-- Takes them all or fails with lock_not_available, holding none. Looks for look_ms, never
-- queueing; with a queue_ms above 0 it queues at once for so long, on relation number
-- queue_on. `began`: since when others could feel it.
CREATE FUNCTION pgstride_server.lock_tables(relations regclass[], modes text[], alone boolean[],
		look_ms int, queue_ms int DEFAULT 0, queue_on int DEFAULT 0,
		OUT began timestamptz, OUT granted timestamptz, OUT looks int)
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'pgstride_lock_tables';

-- --- nobody but the owner, until he says otherwise -----------------------------------

REVOKE ALL ON ALL ROUTINES IN SCHEMA pgstride_server FROM PUBLIC;
