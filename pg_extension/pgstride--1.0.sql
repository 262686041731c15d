-- pgstride 1.0: what the client asks of the server.
\echo Use "CREATE EXTENSION pgstride" to load this file. \quit

-- --- whose schema it is ---------------------------------------------------------------

-- It may be there already: a dump brings it along, and so does whoever hopes that we use
-- it, for who may create in it can add a function that takes the place of ours in a call.
DO $$
DECLARE
	other record;
BEGIN
	IF EXISTS (SELECT FROM pg_catalog.pg_proc p
	            WHERE p.pronamespace OPERATOR(pg_catalog.=) 'pgstride_server'::pg_catalog.regnamespace)
	THEN
		RAISE EXCEPTION 'the schema "pgstride_server" has functions in it that are not ours'
			USING ERRCODE = 'duplicate_schema',
			      HINT = 'Look at what they are, then: DROP SCHEMA pgstride_server CASCADE';
	END IF;
	FOR other IN
		SELECT DISTINCT CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0 THEN 'PUBLIC'
		                     ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS name
		  FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) g
		 WHERE n.nspname OPERATOR(pg_catalog.=) 'pgstride_server'
		   AND g.grantee OPERATOR(pg_catalog.<>) n.nspowner
	LOOP
		EXECUTE pg_catalog.concat('REVOKE ALL ON SCHEMA pgstride_server FROM ', other.name, ' CASCADE');
	END LOOP;
END
$$;
ALTER SCHEMA pgstride_server OWNER TO @extowner@;

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

-- --- backfills ------------------------------------------------------------------------

-- Changes rows of the blocks [from_block, to_block) of a table by `change`, one UPDATE or
-- DELETE of ONLY the table for rows `ctid = ANY ($1)` that may RETURN whether a row would
-- be changed again, and commits as it goes: for slice_ms, each transaction for batch_ms
-- at most, with rests between them so that they take share_percent of the time. Every
-- transaction has `settings` (name, value, ...), begins with `guard`, which gives true, and
-- ends with `progress`, which changes one row and is given the position, the skipped blocks,
-- and the rows, rows in place and bytes of WAL of this transaction.
-- sync_trigger: the one that would compute what `change` assigns, so it is left out.
-- in_place: no index reads what is assigned. key_assigned: a unique one does.
-- ended: 'done'; 'time': the slice is over, call again from `position`; 'snapshot': so it is,
-- and an older snapshot is in the way; 'barred': the table is locked; 'replaced': by
-- another file.
CREATE PROCEDURE pgstride_server.sweep(
	relation regclass, filenode oid, from_block bigint, to_block bigint,
	change text, guard text, progress text, settings text[], sync_trigger text,
	in_place boolean, key_assigned boolean,
	batch_ms double precision, slice_ms int, patience_ms int, range_blocks int, stripe_blocks int,
	share_percent int DEFAULT 100,
	INOUT skipped text DEFAULT '{}', INOUT "position" bigint DEFAULT NULL,
	INOUT ended text DEFAULT NULL, INOUT rows bigint DEFAULT NULL,
	INOUT hot bigint DEFAULT NULL, INOUT passed bigint DEFAULT NULL,
	INOUT wal_bytes bigint DEFAULT NULL, INOUT batches bigint DEFAULT NULL,
	INOUT yields bigint DEFAULT NULL, INOUT longest_ms double precision DEFAULT NULL,
	INOUT waited_ms double precision DEFAULT NULL, INOUT rested_ms double precision DEFAULT NULL)
	LANGUAGE c AS 'MODULE_PATHNAME', 'pgstride_sweep';

-- --- nobody but the owner, until he says otherwise -----------------------------------

-- The extension is trusted: its functions may belong to another than its owner does.
REVOKE ALL ON ALL ROUTINES IN SCHEMA pgstride_server FROM PUBLIC;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO @extowner@;
