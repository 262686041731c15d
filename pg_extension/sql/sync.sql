-- The sync trigger: its rules over values, and what becomes of it when the table changes.
\set VERBOSITY terse
CREATE SCHEMA shop;
SET search_path = shop;

-- fresh TABLE ARGUMENTS: the table t with columns a and b, and a trigger of the arguments
CREATE PROCEDURE fresh(columns text, arguments text) LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS t;
    EXECUTE 'CREATE TABLE t (id int PRIMARY KEY, ' || columns || ')';
    EXECUTE 'CREATE TRIGGER "~pgstride_sync_1_test" BEFORE INSERT OR UPDATE ON t FOR EACH ROW '
            'EXECUTE FUNCTION pgstride_server.sync(' || arguments || ')';
    ALTER TABLE t ENABLE ALWAYS TRIGGER "~pgstride_sync_1_test";
END $$;
-- undone ID A B: a row as it was before there was a trigger
CREATE PROCEDURE undone(id int, a text, b text) LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE t DISABLE TRIGGER ALL;
    EXECUTE format('INSERT INTO t (id, a, b) VALUES (%L, %L, %L)', id, a, b);
    ALTER TABLE t ENABLE ALWAYS TRIGGER "~pgstride_sync_1_test";
END $$;
SET client_min_messages = warning;

-- both ways, a plain copy
CALL fresh('a text, b text', $$'fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b'$$);
INSERT INTO t VALUES (1, 'old', NULL), (2, NULL, 'new'), (3, 'both', 'ways'), (4, NULL, NULL);
CALL undone(5, 'untouched', NULL);
CALL undone(6, 'touched', NULL);
UPDATE t SET id = id WHERE id = 6;
TABLE t;
UPDATE t SET a = 'only old' WHERE id = 1;
UPDATE t SET b = 'only new' WHERE id = 2;
UPDATE t SET a = 'x', b = 'y' WHERE id = 3;
UPDATE t SET b = NULL WHERE id = 6; -- by values alone: a row not filled
UPDATE t SET b = a WHERE b IS NULL; -- the backfill
TABLE t;

-- an expression with its way back; NULL where it fails, and where it is about other rows
CALL fresh('a text, b int, kind text', $$'path', 'shop, pg_temp', 'fill', 'where', 'kind = ''k'' AND b IS NULL',
    'scope', 'kind = ''k''', 'set', 'b', 'a::int', 'back', 'a', 'b::text'$$);
INSERT INTO t VALUES (1, '07', NULL, 'k'), (2, 'seven', NULL, 'k'), (3, '8', NULL, 'other'), (4, NULL, 9, 'k');
TABLE t;
UPDATE t SET b = 7 WHERE id = 1; -- what f makes of it: no change of a
UPDATE t SET b = 70 WHERE id = 4;
UPDATE t SET a = '99999999999' WHERE id = 4;
UPDATE t SET kind = 'k' WHERE id = 3;
TABLE t;

-- defaults tell what was not given
CALL fresh('a text DEFAULT ''x'', b varchar(3) DEFAULT ''y''', $$'path', 'shop, pg_temp', 'default', 'b', '''y''::text',
    'default', 'a', '''x''', 'fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b'$$);
INSERT INTO t (id) VALUES (1);
INSERT INTO t (id, a) VALUES (2, 'a'), (3, 'too long');
INSERT INTO t (id, b) VALUES (4, 'b');
TABLE t;

-- "changed" means the stored bytes, of values kept elsewhere too
CALL fresh('a numeric, b numeric', $$'fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b'$$);
INSERT INTO t VALUES (1, 1.0);
UPDATE t SET a = 1.00;
TABLE t;
CALL fresh('a json, b json', $$'fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b'$$);
INSERT INTO t VALUES (1, '{"a":1}');
UPDATE t SET b = '{"a": 1}';
TABLE t;
CALL fresh('a text, b text, c int', $$'fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b'$$);
ALTER TABLE t ALTER a SET STORAGE external, ALTER b SET STORAGE external;
INSERT INTO t VALUES (1, repeat('long ', 10000));
UPDATE t SET c = 1;
UPDATE t SET b = repeat('wide ', 10000);
UPDATE t SET c = 2;
SELECT a = b, length(a), left(a, 5) FROM t;

-- two backfills of one table, the second over what the first sets
CALL fresh('a text, b text, c text', $$'path', 'shop, pg_temp', 'fill', 'where', 'b IS NULL', 'set', 'b', 'lower(a)',
    'fill', 'where', 'c IS NULL', 'set', 'c', 'b || ''!'''$$);
INSERT INTO t VALUES (1, 'A');
UPDATE t SET a = 'B' WHERE id = 1;
TABLE t;

-- DDL under a trigger that this session has already run: other numbers, types, names
CALL fresh('gone int, a text, b text', $$'path', 'shop, pg_temp', 'fill', 'where', 'b IS NULL', 'set', 'b', 'upper(a)', 'back', 'a', 'b'$$);
INSERT INTO t VALUES (1, 1, 'a');
ALTER TABLE t DROP COLUMN gone;
INSERT INTO t VALUES (2, 'a');
ALTER TABLE t ADD COLUMN late int DEFAULT 5;
INSERT INTO t VALUES (3, 'a');
ALTER TABLE t ALTER b TYPE varchar(2);
INSERT INTO t VALUES (4, 'a'), (5, 'long');
ALTER TABLE t RENAME a TO aa;
INSERT INTO t VALUES (6, 'a');
UPDATE t SET late = 6;
ALTER TABLE t RENAME aa TO a;
ALTER TABLE t RENAME b TO bb;
INSERT INTO t VALUES (6, 'a');
ALTER TABLE t RENAME bb TO b;
BEGIN;
ALTER TABLE t DROP COLUMN a;
INSERT INTO t VALUES (6, 'a');
ROLLBACK;
INSERT INTO t VALUES (7, 'a');
TABLE t;

-- a function that it calls changes, is dropped, comes back
CREATE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || '1' $$;
CALL fresh('a text, b text', $$'path', 'shop, pg_temp', 'fill', 'where', 'b IS NULL', 'set', 'b', 'f(a)'$$);
INSERT INTO t VALUES (1, 'a');
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $1 || '2' $$;
INSERT INTO t VALUES (2, 'a');
DROP FUNCTION f(text);
INSERT INTO t VALUES (3, 'a');
CREATE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN $1 || '3'; END $$;
INSERT INTO t VALUES (4, 'a');
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE 'not this'; END $$;
INSERT INTO t VALUES (5, 'a');
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN RAISE 'nor this' USING ERRCODE = 'insufficient_resources'; END $$;
INSERT INTO t VALUES (6, 'a');
TABLE t;

-- a domain learns a new rule, one refuses NULL
CREATE DOMAIN word AS text CHECK (VALUE <> 'bad');
CALL fresh('a text, b word', $$'fill', 'where', 'b IS NULL', 'set', 'b', 'a'$$);
INSERT INTO t VALUES (1, 'good'), (2, 'bad'), (3, 'worse');
ALTER DOMAIN word ADD CHECK (VALUE <> 'awful') NOT VALID;
INSERT INTO t VALUES (4, 'awful');
TABLE t;
CREATE DOMAIN given AS text NOT NULL CHECK (VALUE <> 'bad');
CALL fresh('a text, b given DEFAULT ''-''', $$'path', 'pg_temp', 'default', 'b', '''-''', 'fill', 'set', 'b', 'a'$$);
INSERT INTO t VALUES (1, 'bad');
TABLE t;

-- a function may write the same table: each row keeps its own values
CREATE FUNCTION nest(v text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF v = 'outer' THEN INSERT INTO t VALUES (100, 'inner'); END IF;
    RETURN v;
END $$;
CREATE FUNCTION echo(text, text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN $1 || '/' || $2; END $$;
CALL fresh('a text, b text', $$'path', 'shop, pg_temp', 'fill', 'where', 'b IS NULL', 'set', 'b', 'echo(a, nest(a))'$$);
INSERT INTO t VALUES (1, 'outer');
TABLE t;

-- one plan a partition and a child, whatever their columns are numbered
CREATE TABLE parts (id int, a text, b text) PARTITION BY RANGE (id);
CREATE TABLE parts_1 (z int, b text, a text, id int);
ALTER TABLE parts_1 DROP COLUMN z;
ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
CREATE TRIGGER "~sync" BEFORE INSERT OR UPDATE ON parts FOR EACH ROW
    EXECUTE FUNCTION pgstride_server.sync('fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'back', 'a', 'b');
INSERT INTO parts (id, a) VALUES (1, 'one'), (11, 'eleven');
UPDATE parts SET id = id + 1, a = a || '!';
UPDATE parts SET b = 'moved', id = 12 WHERE id = 2;
SELECT tableoid::regclass, * FROM parts ORDER BY id, a;

-- writers of every kind: COPY, upserts, sessions that only apply
CALL fresh('a text, b text', $$'path', 'shop, pg_temp', 'fill', 'where', 'b IS NULL', 'set', 'b', 'lower(a)', 'back', 'a', 'b'$$);
COPY t (id, a) FROM STDIN;
1	Copied
\.
INSERT INTO t (id, a) VALUES (1, 'Upsert'), (2, 'Two') ON CONFLICT (id) DO UPDATE SET a = excluded.a;
SET session_replication_role = replica;
INSERT INTO t (id, a) VALUES (3, 'Applied');
RESET session_replication_role;
TABLE t;

-- names that are no names
CREATE SCHEMA "Odd, Schema";
CREATE TABLE "Odd, Schema"."My""Table" (id int, "Old ""Col" text, "new; DROP TABLE x; --" text);
CREATE TRIGGER "~sync" BEFORE INSERT OR UPDATE ON "Odd, Schema"."My""Table" FOR EACH ROW EXECUTE FUNCTION
    pgstride_server.sync('fill', 'where', '"new; DROP TABLE x; --" IS NULL', 'set', 'new; DROP TABLE x; --', 'new."Old ""Col"');
INSERT INTO "Odd, Schema"."My""Table" VALUES (1, E'\\ ''');
TABLE "Odd, Schema"."My""Table";

DROP SCHEMA shop, "Odd, Schema" CASCADE;
