-- What the sync trigger refuses, in words; and that nobody's names change what it does.
CREATE TABLE t (id int, a text, b text, g text GENERATED ALWAYS AS (upper(a)) STORED);

-- A row meets a trigger of those arguments.
CREATE PROCEDURE meet(arguments text, fires text DEFAULT 'BEFORE INSERT OR UPDATE ON t FOR EACH ROW') LANGUAGE plpgsql AS $$
DECLARE
    code text;
    said text;
    detail text;
    hint text;
BEGIN
    EXECUTE 'CREATE TRIGGER sync ' || fires || ' EXECUTE FUNCTION pgstride_server.sync(' || arguments || ')';
    INSERT INTO t VALUES (1, 'a', NULL);
    RAISE 'it works';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, said = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT;
    RAISE NOTICE '% %', code, array_to_string(ARRAY[said, nullif(detail, ''), nullif(hint, '')], E'\n   ');
END $$;

SELECT pgstride_server.sync();
CALL meet('', 'AFTER INSERT ON t FOR EACH ROW');
CALL meet('', 'BEFORE INSERT ON t');
CALL meet($$'fil', 'set', 'b', 'a'$$);
CALL meet($$'set', 'b', 'a'$$);
CALL meet($$'fill', 'set', 'b'$$);
CALL meet($$'fill', 'set', 'b', 'a', 'path', 'public'$$);
CALL meet($$'fill', 'set', 'c', 'a'$$);
CALL meet($$'fill', 'set', 'ctid', 'a'$$);
CALL meet($$'fill', 'set', 'b', 'c'$$);
CALL meet($$'fill', 'set', 'b', 'g'$$);
CALL meet($$'fill', 'set', 'g', 'a'$$);
CALL meet($$'fill', 'set', 'b', 'ctid'$$);
CALL meet($$'fill', 'set', 'b', 'new'$$);
CALL meet($$'fill', 'set', 'b', ''$$);
CALL meet($$'fill', 'set', 'b', 'a; DROP TABLE t'$$);
CALL meet($$'fill', 'set', 'b', 'a FROM t'$$);
CALL meet($$'fill', 'set', 'b', 'a, a'$$);
CALL meet($$'fill', 'set', 'b', '(SELECT a)'$$);
CALL meet($$'fill', 'set', 'b', 'max(a)'$$);
CALL meet($$'fill', 'set', 'b', 'f(a)'$$);
CALL meet($$'fill', 'where', 'id', 'set', 'b', 'a'$$);
CALL meet($$'fill', 'where', 'b IS NULL', 'set', 'b', 'a'$$);

-- hostile schemas, whoever writes
CREATE SCHEMA evil;
CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'caught' $$;
CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'caught'; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
CREATE FUNCTION ours(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower($1); END $$;
CREATE TRIGGER sync BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION
    pgstride_server.sync('path', 'public, pg_temp', 'fill', 'where', 'b IS NULL AND a = a', 'set', 'b', 'lower(a) || ours(a)');
CREATE ROLE regress_clerk;
GRANT SELECT, INSERT, UPDATE ON t TO regress_clerk;
GRANT USAGE ON SCHEMA evil TO regress_clerk;
CREATE TABLE pathless (id int, a text, b text);
CREATE TRIGGER sync BEFORE INSERT OR UPDATE ON pathless FOR EACH ROW EXECUTE FUNCTION
    pgstride_server.sync('fill', 'where', 'b IS NULL AND a = a', 'set', 'b', 'lower(a)');
SET search_path = evil, pg_catalog;
INSERT INTO public.pathless VALUES (1, 'No path');
INSERT INTO public.t (id, a) VALUES (1, 'Mine');
SET ROLE regress_clerk;
CREATE TEMP TABLE pg_class (x int);
INSERT INTO public.t (id, a) VALUES (2, 'Clerk');
UPDATE public.t SET a = 'Clerks' WHERE id OPERATOR(pg_catalog.=) 2;
SELECT pgstride_server.sync();
RESET ROLE;
RESET search_path;
SELECT id, a, b FROM t ORDER BY id;
TABLE pathless;
SHOW search_path;

-- a right that the writer lacks is asked of him, not of whoever wrote before him
REVOKE EXECUTE ON FUNCTION ours(text) FROM public;
BEGIN;
INSERT INTO t (id, a) VALUES (3, 'Owner');
SET ROLE regress_clerk;
INSERT INTO t (id, a) VALUES (4, 'Clerk');
ROLLBACK;

-- the extension stays while a table needs it
DROP TABLE pathless;
DROP EXTENSION pgstride;
DROP TABLE t;
SET client_min_messages = warning;
DROP SCHEMA evil CASCADE;
DROP FUNCTION ours(text);
DROP PROCEDURE meet(text, text);
DROP OWNED BY regress_clerk;
DROP ROLE regress_clerk;
