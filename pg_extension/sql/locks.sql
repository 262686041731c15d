-- Looking at locks, and taking them: what is asked, what is refused, and who may.
CREATE TABLE plain (id int);
CREATE TABLE "Odd ""name""" (id int);
CREATE TABLE tree (id int) PARTITION BY RANGE (id);
CREATE TABLE tree_1 PARTITION OF tree FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (id);
CREATE TABLE tree_1_1 PARTITION OF tree_1 FOR VALUES FROM (0) TO (10);
CREATE VIEW seen AS SELECT * FROM plain;
CREATE SEQUENCE counted;
CREATE INDEX plain_id ON plain (id);

-- What this session holds on the tables above, in the order of their making.
CREATE VIEW held AS
SELECT c.relname, l.mode
  FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.granted
   AND (c.relname LIKE 'tree%' OR c.relname IN ('plain', 'Odd "name"'))
 ORDER BY c.oid, l.mode;

-- The whole tree, parents first; alone means alone; nothing else is taken.
SELECT count(*) FROM pgstride_server.lock_holders('{plain,tree}', 'ACCESS EXCLUSIVE');
BEGIN;
SELECT granted >= began AS in_time, looks
  FROM pgstride_server.lock_tables('{tree,"\"Odd \"\"name\"\"\""}', '{access exclusive,SHARE}', '{f,f}', 0);
SELECT * FROM held;
COMMIT;
BEGIN;
SELECT looks FROM pgstride_server.lock_tables('{tree}', '{SHARE ROW EXCLUSIVE}', '{t}', 0, 10, 0);
SELECT * FROM held;
-- Our own locks are in nobody's way, least of all in ours.
SELECT count(*) FROM pgstride_server.lock_holders('{tree}', 'ACCESS EXCLUSIVE');
SELECT looks FROM pgstride_server.lock_tables('{tree}', '{ACCESS EXCLUSIVE}', '{f}', 0);
ROLLBACK;

-- A savepoint gives back what was taken behind it.
BEGIN;
SAVEPOINT before;
SELECT looks FROM pgstride_server.lock_tables('{plain}', '{EXCLUSIVE}', '{f}', 0);
ROLLBACK TO before;
SELECT * FROM held;
COMMIT;

-- Nothing to lock is soon locked; a null is no wish.
SELECT looks FROM pgstride_server.lock_tables('{}', '{}', '{}', 0, 10);
SELECT pgstride_server.lock_tables(NULL, '{}', '{}', 0) IS NULL AS nothing;

-- --- refused ---------------------------------------------------------------------------

CREATE PROCEDURE refused(call text) LANGUAGE plpgsql AS $$
DECLARE
    said text;
    detail text;
    hint text;
BEGIN
    EXECUTE 'SELECT * FROM pgstride_server.' || call;
    RAISE NOTICE 'it worked: %', call;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE INFO '% %', SQLSTATE, array_to_string(ARRAY[said, nullif(detail, ''), nullif(hint, '')], E'\n   ');
END $$;
CALL refused($$lock_tables('{plain}', '{EVERYTHING}', '{f}', 0)$$);
CALL refused($$lock_tables('{plain,tree}', '{SHARE}', '{f,f}', 0)$$);
CALL refused($$lock_tables('{plain}', '{NULL}', '{f}', 0)$$);
CALL refused($$lock_tables('{{plain},{tree}}', '{SHARE,SHARE}', '{f,f}', 0)$$);
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', -1)$$);
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', 0, -1)$$);
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', 0, 1, 1)$$);
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', 0, 1, -1)$$);
CALL refused($$lock_tables('{seen}', '{SHARE}', '{f}', 0)$$);
CALL refused($$lock_tables('{counted}', '{SHARE}', '{f}', 0)$$);
CALL refused($$lock_tables('{plain_id}', '{SHARE}', '{f}', 0)$$);
CALL refused($$lock_tables(ARRAY[1::regclass], '{SHARE}', '{f}', 0)$$);
CALL refused($$lock_tables('{gone}', '{SHARE}', '{f}', 0)$$);
-- Who asks about what is gone is told that nobody holds it.
SELECT count(*) FROM pgstride_server.lock_conflicts(ARRAY[1::regclass], '{SHARE}', '{f}');

-- --- who may ---------------------------------------------------------------------------

CREATE ROLE regress_pgstride_guest;
GRANT EXECUTE ON PROCEDURE refused TO regress_pgstride_guest;
SET ROLE regress_pgstride_guest;
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', 0)$$);
RESET ROLE;
GRANT USAGE ON SCHEMA pgstride_server TO regress_pgstride_guest;
SET ROLE regress_pgstride_guest;
CALL refused($$lock_tables('{plain}', '{SHARE}', '{f}', 0)$$);
CALL refused($$lock_conflicts('{plain}', '{SHARE}', '{f}')$$);
CALL refused($$lock_holders('{plain}', 'SHARE')$$);
RESET ROLE;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO regress_pgstride_guest;
GRANT SELECT ON plain TO regress_pgstride_guest;
SET ROLE regress_pgstride_guest;
-- As LOCK TABLE: with SELECT the weakest, with TRUNCATE any; a parent's will do.
CALL refused($$lock_tables('{plain}', '{ACCESS SHARE}', '{f}', 0)$$);
CALL refused($$lock_tables('{plain}', '{ROW SHARE}', '{f}', 0)$$);
RESET ROLE;
GRANT INSERT, REFERENCES, TRIGGER ON plain TO regress_pgstride_guest;
GRANT TRUNCATE ON tree TO regress_pgstride_guest;
SET ROLE regress_pgstride_guest;
CALL refused($$lock_tables('{plain}', '{ROW EXCLUSIVE}', '{f}', 0)$$);
CALL refused($$lock_tables('{plain}', '{SHARE UPDATE EXCLUSIVE}', '{f}', 0)$$);
CALL refused($$lock_tables('{plain}', '{ACCESS EXCLUSIVE}', '{f}', 0, 10)$$);
CALL refused($$lock_tables('{tree}', '{ACCESS EXCLUSIVE}', '{f}', 0)$$);
CALL refused($$lock_tables('{tree_1}', '{ACCESS EXCLUSIVE}', '{f}', 0)$$);
RESET ROLE;

-- --- whose names they are --------------------------------------------------------------

-- Whatever the caller's path finds first, and whatever it does: nothing of it is used.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.trap() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
CREATE FUNCTION hostile.same(xid, xid) RETURNS boolean LANGUAGE sql AS $$SELECT hostile.trap() IS NULL$$;
CREATE FUNCTION hostile.since(timestamptz, timestamptz) RETURNS interval LANGUAGE sql AS $$SELECT hostile.trap()::interval$$;
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT hostile.trap()::timestamptz$$;
CREATE FUNCTION hostile.cardinality(anyarray) RETURNS int LANGUAGE sql AS $$SELECT hostile.trap()::int$$;
CREATE OPERATOR hostile.= (LEFTARG = xid, RIGHTARG = xid, FUNCTION = hostile.same);
CREATE OPERATOR hostile.- (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.since);
CREATE VIEW hostile.pg_prepared_xacts AS SELECT '1'::xid AS transaction, hostile.trap() AS gid, now() AS prepared;
SET search_path = hostile, public, pg_catalog;
SELECT count(*) FROM pgstride_server.lock_holders('{plain,tree}', 'ACCESS EXCLUSIVE');
SELECT looks FROM pgstride_server.lock_tables('{plain,tree}', '{ACCESS EXCLUSIVE,SHARE}', '{f,f}', 0);
RESET search_path;

DROP SCHEMA hostile CASCADE;
DROP OWNED BY regress_pgstride_guest;
DROP ROLE regress_pgstride_guest;
