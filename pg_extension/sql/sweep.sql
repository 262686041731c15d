-- The sweep: rows of a range of blocks, changed a few at a time from every page.
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE SCHEMA sweep;
SET search_path = sweep, pg_catalog;
CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, new_email text, changes int NOT NULL DEFAULT 0,
	note text NOT NULL DEFAULT repeat('x', 100));
CREATE INDEX ON accounts (email);
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 5000) i;
CREATE TABLE progress (id int PRIMARY KEY, position bigint, skipped text, rows bigint NOT NULL DEFAULT 0,
	hot bigint NOT NULL DEFAULT 0, wal bigint NOT NULL DEFAULT 0, batches int NOT NULL DEFAULT 0);
INSERT INTO progress VALUES (1);

-- What the client sends, with what differs between these tests.
SELECT $$UPDATE ONLY accounts SET new_email = email, changes = changes + 1
	WHERE ctid = ANY ($1) AND (new_email IS NULL) IS TRUE RETURNING new_email IS NULL$$ AS change,
	$$UPDATE progress SET position = $1, skipped = $2, rows = rows + $3, hot = hot + $4, wal = wal + $5,
	batches = batches + 1 WHERE id = 1$$ AS progress \gset
\set end 'pg_relation_size(''accounts'') / current_setting(''block_size'')::int'
\set file 'pg_relation_filenode(''accounts'')'
\set limits '100, 60000, 1000, 16, 4096'
\pset format unaligned

-- --- every row, once, nearly all of them in place --------------------------------------
SELECT :end AS blocks, :file AS node, pg_current_wal_insert_lsn() AS wal_before \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT true', :'progress',
	ARRAY['synchronous_commit', 'off'], NULL, true, false, :limits) \gset done_
SELECT :'done_ended' AS ended, :done_rows AS rows, :done_position = :blocks AS to_the_end, :'done_skipped' AS skipped,
	:done_passed AS passed, :done_hot > 3500 AS in_place, :done_batches > 10 AS many_batches;
SELECT :done_wal_bytes / (pg_current_wal_insert_lsn() - :'wal_before') BETWEEN 0.5 AND 1 AS wal_counted;
SELECT position = :blocks AS position, skipped, rows, hot = :done_hot AS hot, wal = :done_wal_bytes AS wal,
	batches = :done_batches AS batches FROM progress;
SELECT count(*) AS unfilled FROM accounts WHERE new_email IS DISTINCT FROM email;
SELECT count(*) AS rows, max(changes) AS changes FROM accounts;
SELECT pg_relation_size('accounts') / current_setting('block_size')::int < :blocks * 1.4 AS still_small;

-- Again: there is nothing to change.
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT true', :'progress', NULL, NULL, true, false, :limits) \gset again_
SELECT :'again_ended' AS ended, :again_rows AS rows, :again_position = :blocks AS to_the_end;

-- --- a sparse predicate, a DELETE, all at once -----------------------------------------
SELECT :end AS blocks \gset
UPDATE accounts SET new_email = NULL WHERE id % 100 = 0;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits) \gset sparse_
SELECT :'sparse_ended' AS ended, :sparse_rows > 40 AS rows;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks,
	'DELETE FROM ONLY accounts WHERE ctid = ANY ($1) AND id % 2 = 0', NULL, NULL, NULL, NULL, false, true, :limits) \gset gone_
SELECT :'gone_ended' AS ended, count(*) FILTER (WHERE id % 2 = 0) AS even, count(*) FILTER (WHERE id % 2 = 1) AS left FROM accounts;

-- Pages with nothing to change are looked at and not written, and stay all visible.
CREATE TABLE rare (id int PRIMARY KEY, done boolean NOT NULL) WITH (autovacuum_enabled = off);
INSERT INTO rare SELECT i, i <> 15000 FROM generate_series(1, 20000) i;
VACUUM (FREEZE, ANALYZE) rare;
SELECT pg_relation_filenode('rare') AS rare, pg_relation_size('rare') / current_setting('block_size')::int AS many \gset
CREATE FUNCTION heap_fetches() RETURNS int LANGUAGE plpgsql SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, FORMAT json) SELECT count(id) FROM rare' INTO plan;
	RETURN plan -> 0 -> 'Plan' -> 'Plans' -> 0 ->> 'Heap Fetches';
END $$;
CALL pgstride_server.sweep('rare', :rare, 0, :many, 'UPDATE ONLY rare SET done = true WHERE ctid = ANY ($1) AND NOT done',
	NULL, NULL, NULL, NULL, true, false, :limits) \gset rare_
SELECT :rare_rows AS rows, :rare_wal_bytes < 50000 AS little_wal, heap_fetches() BETWEEN 1 AND 600 AS all_visible_but_two;
CHECKPOINT;
SELECT modification AS written FROM pg_stat_file(pg_relation_filepath('rare')) \gset
SELECT FROM pg_sleep(1.1);
CALL pgstride_server.sweep('rare', :rare, 0, :many, 'UPDATE ONLY rare SET done = true WHERE ctid = ANY ($1) AND NOT done',
	NULL, NULL, NULL, NULL, true, false, :limits) \gset none_
CHECKPOINT;
SELECT :none_rows AS rows, :none_wal_bytes AS wal, modification = :'written' AS not_written FROM pg_stat_file(pg_relation_filepath('rare'));

-- --- rows found in other ways than by the chosen places ----------------------------------
CREATE TABLE spots AS SELECT i AS id, 0 AS changes FROM generate_series(1, 300) i;
SELECT pg_relation_filenode('spots') AS spots, pg_relation_size('spots') / current_setting('block_size')::int AS many \gset
CALL pgstride_server.sweep('spots', :spots, 0, :many, 'UPDATE ONLY spots SET changes = changes + 1
	WHERE ctid = ANY ($${"(0,3)"}$$) AND ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits) \gset one_
SELECT :one_rows AS rows, string_agg(id::text, ' ') AS changed FROM spots WHERE changes > 0;
CALL pgstride_server.sweep('spots', :spots, 0, :many, 'UPDATE ONLY spots SET changes = changes + 1
	WHERE ctid = ANY ($1)', NULL, NULL, ARRAY['enable_tidscan', 'off'], NULL, true, false, :limits) \gset all_
SELECT :all_rows AS rows, sum(changes) AS changes FROM spots;

-- --- not done: asked in other words where they say the same ------------------------------
CREATE TABLE words (id int PRIMARY KEY, a text, b varchar(9), n int, data jsonb, copy text, touched int NOT NULL DEFAULT 0);
INSERT INTO words SELECT i, nullif('a' || i % 4, 'a0'), nullif('b' || i % 5, 'b0'), nullif(i % 3, 0),
	CASE WHEN i % 6 > 0 THEN jsonb_build_object('k', nullif(i % 2, 0)) END FROM generate_series(1, 3000) i;
CREATE FUNCTION nothing(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT nullif($1, $$a1$$)';
CREATE FUNCTION anything(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT coalesce($1, $2, $$x$$)';
CREATE OPERATOR sweep.|| (FUNCTION = anything, LEFTARG = text, RIGHTARG = text);
CREATE PROCEDURE swept(value text) LANGUAGE plpgsql AS $$
DECLARE
	skipped text := '{}'; place bigint; ended text; changed bigint; hot bigint; passed bigint;
	wal bigint; batches bigint; yields bigint; longest float8; waited float8; rested float8; left_over bigint; idle bigint;
BEGIN
	UPDATE words SET copy = NULL, touched = 0;
	COMMIT;
	CALL pgstride_server.sweep('words', pg_relation_filenode('words'), 0, pg_relation_size('words') / current_setting('block_size')::int,
		format('UPDATE ONLY words SET copy = %1$s, touched = touched + 1 WHERE ctid = ANY ($1) AND
			((copy IS NULL) AND (copy IS DISTINCT FROM CAST(%1$s AS text))) IS TRUE RETURNING false', value),
		NULL, NULL, NULL, NULL, true, false, 100, 60000, 1000, 16, 4096, 100, skipped, place, ended, changed, hot, passed,
		wal, batches, yields, longest, waited, rested);
	EXECUTE format('SELECT count(*) FILTER (WHERE copy IS DISTINCT FROM %1$s),
		count(*) FILTER (WHERE touched <> (%1$s IS NOT NULL)::int) FROM words', value) INTO left_over, idle;
	RAISE NOTICE '% %: % not filled, % touched for nothing', value, ended, left_over, idle;
END $$;
SET client_min_messages = notice;
CALL swept($$'item ' || n$$);
CALL swept($$a OPERATOR(pg_catalog.||) b$$);
CALL swept($$lower(a) OPERATOR(pg_catalog.||) upper(b::text)$$);
CALL swept($$(n + 1)::text$$);
CALL swept($$data ->> 'k'$$);
CALL swept($$nothing(a)$$);
CALL swept($$coalesce(a, b)$$);
CALL swept($$a || b$$);
CALL swept($$'same'$$);
-- The name of one that is known, and not that one.
CREATE FUNCTION lower(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT nullif($1, $$a1$$)';
CALL swept($$sweep.lower(a)$$);
SET client_min_messages = warning;
-- Of a target that need not be NULL it would say something else.
UPDATE words SET copy = a, touched = 0;
SELECT pg_relation_filenode('words') AS words, pg_relation_size('words') / current_setting('block_size')::int AS many \gset
CALL pgstride_server.sweep('words', :words, 0, :many, 'UPDATE ONLY words SET copy = a, touched = touched + 1
	WHERE ctid = ANY ($1) AND copy IS DISTINCT FROM a', NULL, NULL, NULL, NULL, true, false, :limits) \gset right_
SELECT :right_rows AS rows, sum(touched) AS touched FROM words;

-- --- slices: what one leaves open the next goes on with ----------------------------------
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 3000) i;
SELECT :end AS blocks, :file AS node \gset
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.0001); RETURN NEW; END';
CREATE TRIGGER slowly BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION slowly();
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT true', NULL, NULL, NULL, true, false, 10, 1, 1000, 8, 4096) \gset one_
SELECT :'one_ended' AS ended, :one_rows > 0 AND :one_rows < 3000 AS some, :one_position < :blocks AS not_all;
CALL pgstride_server.sweep('accounts', :node, :one_position, :blocks, :'change', 'SELECT true', NULL, NULL, NULL, true, false, 10, 60000, 1000, 8, 4096) \gset rest_
SELECT :'rest_ended' AS ended, :one_rows + :rest_rows AS rows, max(changes) AS changes, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;
-- Another change, or another run of the same one, has all of the rows to do.
\set seen 'UPDATE ONLY accounts SET note = concat(''seen '', note) WHERE ctid = ANY ($1)'
UPDATE accounts SET new_email = NULL;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'seen', 'SELECT 1 = 1', NULL, NULL, NULL, true, false, 10, 1, 1000, 128, 4096) \gset one_
SELECT :'one_ended' AS ended, :one_position AS position, :one_rows > 0 AS some;
DROP TRIGGER slowly ON accounts;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT 1 = 1', NULL, NULL, NULL, true, false, :limits) \gset other_
SELECT :'other_ended' AS ended, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;
SELECT :end AS blocks \gset
CREATE TRIGGER slowly BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION slowly();
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'seen', 'SELECT 1 = 1', NULL, NULL, NULL, true, false, 10, 1, 1000, 1024, 4096) \gset one_
DROP TRIGGER slowly ON accounts;
UPDATE accounts SET note = 'again';
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'seen', 'SELECT 2 = 2', NULL, NULL, NULL, true, false, :limits) \gset run_
SELECT :one_position AS position, :'run_ended' AS ended, count(*) FILTER (WHERE note = 'again' AND ctid < format('(%s,0)', :blocks)::tid) AS unseen FROM accounts;

-- So has a call after one that failed, one of another file, and one from another position.
\set fill 'UPDATE ONLY accounts SET new_email = email WHERE ctid = ANY ($1) AND new_email IS NULL'
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 3000) i;
SELECT :end AS blocks, :file AS node \gset
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not this one'; END$$;
CREATE TRIGGER refuse BEFORE UPDATE ON accounts FOR EACH ROW WHEN (OLD.id = 500) EXECUTE FUNCTION refuse();
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'fill', NULL, NULL, NULL, NULL, false, false, :limits) \gset refused_
DROP TRIGGER refuse ON accounts;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'fill', NULL, NULL, NULL, NULL, false, false, :limits) \gset mended_
SELECT :'mended_ended' AS ended, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;
CREATE TRIGGER slowly BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION slowly();
UPDATE accounts SET new_email = NULL;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'fill', NULL, NULL, NULL, NULL, true, false, 10, 1, 1000, 128, 4096) \gset file_
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com', NULL, 0, 'short' FROM generate_series(1, 3000) i;
SELECT :file AS node \gset
DROP TRIGGER slowly ON accounts;
CALL pgstride_server.sweep('accounts', :node, :file_position, :blocks, :'fill', NULL, NULL, NULL, NULL, true, false, :limits) \gset other_
SELECT :'file_ended' AS ended, :'other_ended' AS other, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 3000) i;
SELECT :end AS blocks, :file AS node \gset
CREATE TRIGGER slowly BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION slowly();
CALL pgstride_server.sweep('accounts', :node, 10, :blocks, :'fill', NULL, NULL, NULL, NULL, true, false, 10, 1, 1000, 128, 4096) \gset tenth_
DROP TRIGGER slowly ON accounts;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'fill', NULL, NULL, NULL, NULL, true, false, :limits) \gset first_
SELECT :'tenth_ended' AS ended, :'first_ended' AS first, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;

-- --- rests: a share of the time, between transactions, and up at once ---------------------
UPDATE accounts SET new_email = NULL;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits, 10) \gset tenth_
SELECT :'tenth_ended' AS ended, :tenth_batches > 5 AND :tenth_rested_ms > 5 AS rested, :rest_rested_ms AS all_of_the_time;
-- Its first block has rows to change.
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 3000) i;
SELECT :end AS blocks, :file AS node \gset
CREATE FUNCTION once() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN true; END';
-- 200 ms of work are followed by 20 s of rest, which is over when the statement's time is.
SET statement_timeout = '2s';
SELECT clock_timestamp() AS began \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT once()', NULL, NULL, NULL, true, false, :limits, 1);
\echo :LAST_ERROR_SQLSTATE
RESET statement_timeout;
SELECT clock_timestamp() - :'began' < interval '15 s' AS at_once, count(*) > 0 AS committed FROM accounts WHERE new_email IS NOT NULL;

-- --- a batch of no time: as few rows as it may have ---------------------------------------
UPDATE accounts SET new_email = NULL;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, 0.001, 60000, 1000, 128, 4096) \gset few_
SELECT :'few_ended' AS ended, :few_rows AS rows, :few_rows / :few_batches < 32 AS few_at_once;
UPDATE accounts SET new_email = email;

-- --- rows that become much shorter, and then others that cannot: few passes all the same ---
CREATE TABLE mixed (id int, wide text, CHECK (octet_length(wide) < 1100));
ALTER TABLE mixed ALTER wide SET STORAGE plain;
INSERT INTO mixed SELECT i, CASE WHEN i <= 4000 THEN repeat('x', 1000 + i % 3) ELSE repeat('z', 30) END FROM generate_series(1, 40000) i;
SELECT pg_relation_filenode('mixed') AS mixed, pg_relation_size('mixed') / current_setting('block_size')::int AS many \gset
CALL pgstride_server.sweep('mixed', :mixed, 0, :many, 'UPDATE ONLY mixed SET wide = NULL WHERE ctid = ANY ($1) AND wide IS NOT NULL',
	NULL, NULL, NULL, NULL, true, false, :limits) \gset narrow_
SELECT :'narrow_ended' AS ended, :narrow_rows AS rows, :narrow_batches < 6 * :many / 16 AS few_passes FROM mixed HAVING count(wide) = 0;

-- --- its file was another one ------------------------------------------------------------
VACUUM FULL accounts;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits) \gset moved_
SELECT :'moved_ended' AS ended, :moved_rows AS rows;
SELECT :end AS blocks, :file AS node \gset

-- --- the fence, and rows that would be changed again and again -------------------------
UPDATE accounts SET new_email = NULL;
SELECT :end AS blocks \gset
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT false', NULL, NULL, NULL, true, false, :limits);
\echo :LAST_ERROR_SQLSTATE
UPDATE progress SET id = 2;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', 'SELECT true', :'progress', NULL, NULL, true, false, :limits);
\echo :LAST_ERROR_SQLSTATE
\set VERBOSITY terse
CALL pgstride_server.sweep('accounts', :node, 0, :blocks,
	'UPDATE ONLY accounts SET changes = changes + 1 WHERE ctid = ANY ($1) AND changes < 100 RETURNING changes < 100',
	NULL, NULL, NULL, NULL, true, false, :limits);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) AS unfilled FROM accounts WHERE new_email IS NULL;

\set VERBOSITY default

-- --- where it cannot commit, or what it may not change ---------------------------------
BEGIN;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
ROLLBACK;
SET default_transaction_isolation = 'repeatable read';
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
RESET default_transaction_isolation;
CALL pgstride_server.sweep('progress', 1, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, 'UPDATE accounts SET id = 1 WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, 'SELECT 1 FROM accounts WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, 'UPDATE ONLY accounts SET id = 1 WHERE ctid = ANY ($1); DROP TABLE accounts', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, -1, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, 0, 1, 1, 1, 1);
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits, 100, '[1,2)');
CREATE VIEW few AS SELECT * FROM accounts;
CALL pgstride_server.sweep('few', 0, 0, 1, 'UPDATE ONLY few SET changes = 0 WHERE id = 1 AND $1 IS NOT NULL', NULL, NULL, NULL, NULL, true, false, :limits);
CREATE ACCESS METHOD sweep_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE strange (id int) USING sweep_heap;
CALL pgstride_server.sweep('strange', pg_relation_filenode('strange'), 0, 1, 'UPDATE ONLY strange SET id = 0 WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);
DROP TABLE strange;
DROP ACCESS METHOD sweep_heap;
CREATE TABLE parts (id int, v int) PARTITION BY RANGE (id);
CALL pgstride_server.sweep('parts', 0, 0, 1, 'UPDATE ONLY parts SET v = 0 WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);

-- --- texts that are no guard, no record, no change -------------------------------------
\set call 'CALL pgstride_server.sweep(''accounts'', :node, 0, :blocks,'
\set rest 'NULL, NULL, true, false, :limits);'
UPDATE progress SET id = 1;
:call '', NULL, NULL, :rest
:call :'change', '', NULL, :rest
:call :'change', 'SELECT false; SELECT true', NULL, :rest
:call :'change', 'SELECT ''no''', NULL, :rest
:call :'change', 'UPDATE progress SET batches = 0', NULL, :rest
:call :'change', 'COMMIT', NULL, :rest
:call :'change', 'SELECT true', '', :rest
:call :'change', 'SELECT true', NULL, ARRAY['lock_timeout'], NULL, true, false, :limits);

-- --- DDL between its statements: its text means another table, or nothing at all ----------
CREATE FUNCTION swap() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	ALTER TABLE accounts RENAME TO swapped;
	CREATE TABLE accounts AS SELECT * FROM swapped;
	RETURN true;
END $$;
CREATE FUNCTION rule() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	CREATE RULE nothing AS ON UPDATE TO accounts DO INSTEAD NOTHING;
	RETURN true;
END $$;
TRUNCATE accounts;
INSERT INTO accounts SELECT i, 'user' || i || '@example.com' FROM generate_series(1, 3000) i;
SELECT :end AS blocks, :file AS node \gset
:call :'change', 'SELECT swap()', NULL, :rest
:call 'UPDATE ONLY accounts SET new_email = email WHERE ctid = ANY ($1)', 'SELECT rule()', NULL, :rest
CREATE RULE more AS ON UPDATE TO accounts DO ALSO NOTIFY accounts;
:call :'change', NULL, NULL, :rest
DROP RULE more ON accounts;
SELECT to_regclass('swapped') AS swapped, count(*) FILTER (WHERE new_email IS NULL) AS unfilled FROM accounts;

-- --- who: nobody may, and who may still needs the privileges of the UPDATE ---------------
SELECT proname, proacl::text !~ '[{,]=' AS public_may_not FROM pg_proc WHERE proname = 'sweep' AND NOT prosecdef;
CREATE ROLE regress_sweeper;
GRANT USAGE ON SCHEMA sweep TO regress_sweeper;
SET ROLE regress_sweeper;
\set VERBOSITY sqlstate
CALL pgstride_server.sweep('sweep.accounts', :node, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
\set VERBOSITY default
RESET ROLE;
GRANT USAGE ON SCHEMA pgstride_server TO regress_sweeper;
GRANT EXECUTE ON PROCEDURE pgstride_server.sweep TO regress_sweeper;
GRANT SELECT ON accounts TO regress_sweeper;
SET ROLE regress_sweeper;
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, ARRAY['session_replication_role', 'replica'], NULL, true, false, :limits);
-- Nor does he learn, of a table that is not his, that there is nothing in it to change.
RESET ROLE;
CREATE TABLE others (id int);
GRANT SELECT, UPDATE ON others TO regress_sweeper;
SELECT pg_relation_filenode('others') AS others \gset
SET ROLE regress_sweeper;
CALL pgstride_server.sweep('others', :others, 0, 0, 'DELETE FROM ONLY others WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);
RESET ROLE;
REVOKE UPDATE ON others FROM regress_sweeper;
GRANT DELETE ON others TO regress_sweeper;
SET ROLE regress_sweeper;
CALL pgstride_server.sweep('others', :others, 0, 0, 'UPDATE ONLY others SET id = 1 WHERE ctid = ANY ($1)', NULL, NULL, NULL, NULL, true, false, :limits);
RESET ROLE;
GRANT UPDATE (new_email, changes) ON accounts TO regress_sweeper;
SET ROLE regress_sweeper;
CALL pgstride_server.sweep('accounts', :node, 0, :blocks, :'change', NULL, NULL, NULL, NULL, true, false, :limits) \gset few_
SELECT :'few_ended' AS ended, :few_rows > 0 AS changed;
RESET ROLE;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON accounts USING (id < 10);
SET ROLE regress_sweeper;
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, NULL, NULL, true, false, :limits);
CALL pgstride_server.sweep('accounts', :node, 0, 1, :'change', NULL, NULL, ARRAY['row_security', 'off'], NULL, true, false, :limits);
RESET ROLE;
ALTER TABLE accounts DISABLE ROW LEVEL SECURITY;

-- --- names of any kind, and operators that lie in the way ---------------------------------
CREATE TABLE "sweep"."Odd ""name""; --" (id int, "a b" text, "c'd" text);
INSERT INTO "Odd ""name""; --" SELECT i, i::text FROM generate_series(1, 100) i;
SELECT pg_relation_filenode('"Odd ""name""; --"') AS odd \gset
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.never(tid, tid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = tid, RIGHTARG = tid, FUNCTION = hostile.never);
SET search_path = hostile, sweep, pg_catalog;
CALL pgstride_server.sweep('sweep."Odd ""name""; --"', :odd, 0, 1,
	'UPDATE ONLY sweep."Odd ""name""; --" SET "c''d" = "a b" WHERE ctid OPERATOR(pg_catalog.=) ANY ($1) AND "c''d" IS NULL RETURNING "c''d" IS NULL',
	NULL, NULL, NULL, NULL, true, false, :limits) \gset odd_
SELECT :odd_rows AS rows, count(*) FILTER (WHERE "c'd" OPERATOR(pg_catalog.=) "a b") AS filled FROM sweep."Odd ""name""; --";
RESET search_path;
-- What is set for a transaction is set again after every COMMIT, and gone at the end.
CREATE FUNCTION sweep.asked() RETURNS boolean LANGUAGE plpgsql AS
	'BEGIN RETURN current_setting(''search_path'') = ''hostile'' AND current_setting(''lock_timeout'') = ''31ms''; END';
UPDATE sweep.accounts SET new_email = NULL;
SELECT pg_relation_size('sweep.accounts') / current_setting('block_size')::int AS blocks \gset
CALL pgstride_server.sweep('sweep.accounts', :node, 0, :blocks,
	'UPDATE ONLY sweep.accounts SET new_email = email WHERE ctid OPERATOR(pg_catalog.=) ANY ($1) AND new_email IS NULL RETURNING new_email IS NULL', 'SELECT sweep.asked()', NULL,
	ARRAY['search_path', 'hostile', 'lock_timeout', '31ms'], NULL, true, false, :limits) \gset set_
SELECT :'set_ended' AS ended, :set_batches > 5 AS batches, current_setting('lock_timeout') AS lock_timeout;

\set QUIET on
DROP OWNED BY regress_sweeper;
DROP ROLE regress_sweeper;
DROP SCHEMA sweep, hostile CASCADE;
