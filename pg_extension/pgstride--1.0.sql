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

-- --- nobody but the owner, until he says otherwise -----------------------------------

REVOKE ALL ON ALL ROUTINES IN SCHEMA pgstride_server FROM PUBLIC;
