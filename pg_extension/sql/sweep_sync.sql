-- The sweep and the sync trigger: left out of a change that assigns what it would, and of
-- no other. Here the change only begins what the trigger would go on with: whether b
-- follows a tells whether it was asked.
SET client_min_messages = warning;
CREATE TABLE t (id int, a text, b text, c text);
INSERT INTO t SELECT i FROM generate_series(1, 10) i;
CREATE TRIGGER "~sync" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION
	pgstride_server.sync('fill', 'where', 'b IS NULL', 'set', 'b', 'a');
CREATE PROCEDURE swept(what text, left_out text DEFAULT '~sync') LANGUAGE plpgsql AS $$
DECLARE
	skipped text := '{}'; place bigint; ended text; changed bigint; hot bigint; passed bigint; wal bigint;
	batches bigint; yields bigint; longest float8; waited float8; rested float8; asked text;
BEGIN
	UPDATE t SET a = 'a', b = 'a', c = '-';
	COMMIT;
	CALL pgstride_server.sweep('t', pg_relation_filenode('t'), 0, pg_relation_size('t') / current_setting('block_size')::int,
		'UPDATE ONLY t SET a = ''new'' WHERE ctid = ANY ($1) AND a = ''a''', NULL, NULL, NULL, left_out, true, false,
		100, 60000, 1000, 16, 4096, 100, skipped, place, ended, changed, hot, passed, wal, batches, yields, longest, waited, rested);
	SELECT string_agg(DISTINCT CASE b WHEN a THEN 'asked' WHEN 'a' THEN 'left out' END, ' and ') INTO asked FROM t;
	RAISE INFO '%: % rows, the trigger was %', what, changed, asked;
END $$;

CALL swept('its owner');
CALL swept('no trigger is named', NULL);
CALL swept('one that is not there', '~other');

-- Whoever may change rows, but could not have made the trigger, does not get past it.
CREATE ROLE regress_sweeper;
GRANT USAGE ON SCHEMA pgstride_server TO regress_sweeper;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO regress_sweeper;
GRANT SELECT, UPDATE ON t TO regress_sweeper;
SET ROLE regress_sweeper;
CALL swept('UPDATE alone');
RESET ROLE;
GRANT TRIGGER ON t TO regress_sweeper;
SET ROLE regress_sweeper;
CALL swept('and TRIGGER');
RESET ROLE;

-- Another trigger may change what both start from; a trigger of somebody else's, by its
-- name, is none of ours; nor is one that has more to do than this backfill.
CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN IF TG_NARGS > 0 THEN NEW.b := NEW.a; END IF; NEW.c := NEW.b; RETURN NEW; END';
CREATE TRIGGER early BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other();
CALL swept('not alone');
CALL swept('the name of another', 'early');
SELECT DISTINCT c AS seen_by_the_other FROM t;
DROP TRIGGER early ON t;
CALL swept('alone again');
CREATE TRIGGER late AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other();
CALL swept('beside one that comes after');
DROP TRIGGER "~sync" ON t;
CREATE TRIGGER "~sync" BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION
	pgstride_server.sync('fill', 'where', 'b IS NULL', 'set', 'b', 'a', 'fill', 'where', 'c IS NULL', 'set', 'c', 'a');
CALL swept('of two backfills');
DROP TRIGGER "~sync" ON t;
CREATE TRIGGER "~sync" BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other('fill', 'where', 'b IS NULL', 'set', 'b', 'a');
CALL swept('its name and arguments, but not ours');

DROP OWNED BY regress_sweeper;
DROP ROLE regress_sweeper;
DROP PROCEDURE swept;
DROP TABLE t;
DROP FUNCTION other();
