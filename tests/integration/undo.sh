#!/bin/bash
# undo.sh: the ways back that nobody wrote: derived from the catalog as it was, shown,
# found to be possible before the first of them runs, and exact.
. "$(dirname "$0")/../lib.sh"

folder=$tmp/folder
migration() { cat >"$folder/$1.sql"; }
run() { pgstride "$@" --dir "$folder" --yes; }
states() { sql "SELECT string_agg(version || ' ' || state, ', ' ORDER BY version::int) FROM pgstride.migrations"; }

fresh() {
	new_database "$1"
	rm -rf "$folder"
	mkdir -p "$folder"
	sql "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(20) UNIQUE, city text DEFAULT 'Oslo',
	         born date NOT NULL, size smallint, CONSTRAINT grown CHECK (born < '2025-01-01'));
	     CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint CONSTRAINT owned REFERENCES people ON DELETE CASCADE);
	     CREATE INDEX people_born ON people (born DESC) WHERE city <> 'x';
	     CREATE UNIQUE INDEX people_lower ON people (lower(name)) INCLUDE (city);
	     INSERT INTO people SELECT n, 'name ' || n, 'town', '2000-01-01', n FROM generate_series(1, 200) n;
	     INSERT INTO pets SELECT n, n FROM generate_series(1, 50) n;
	     CREATE VIEW towns WITH (security_barrier = true) AS SELECT city, count(*) AS people FROM people GROUP BY city;
	     ALTER VIEW towns OWNER TO owner;
	     COMMENT ON VIEW towns IS 'where people''s beds are';
	     GRANT SELECT ON towns TO reader WITH GRANT OPTION;
	     CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
	     CREATE TRIGGER touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE FUNCTION touched();
	     CREATE TRIGGER touch_too BEFORE UPDATE OF born ON people FOR EACH ROW EXECUTE FUNCTION touched();
	     ALTER TABLE people ENABLE ALWAYS TRIGGER touch"
}

everything_comes_back() {
	fresh back
	migration 1_take <<-'SQL'
		DROP INDEX people_born;
		DROP INDEX CONCURRENTLY people_lower;
		DROP VIEW towns;
		ALTER TABLE people ALTER COLUMN born DROP NOT NULL;
		ALTER TABLE people DROP CONSTRAINT grown;
		ALTER TABLE people DROP CONSTRAINT people_name_key;
		ALTER TABLE pets DROP CONSTRAINT owned;
		ALTER TABLE people ALTER COLUMN city DROP DEFAULT;
		DROP TRIGGER touch ON people;
		ALTER TABLE people DISABLE TRIGGER touch_too;
		CREATE VIEW everybody AS SELECT id FROM people;
	SQL
	migration 2_more <<-'SQL'
		-- migrate:up allow:alter-type:"no code looks at the length"
		ALTER TABLE people ALTER COLUMN name TYPE text;
		ALTER TABLE people ALTER COLUMN size TYPE bigint;
		ALTER TABLE pets OWNER TO owner;
	SQL
	local before
	before=$(snapshot_schema)
	exits 0 'all of it is taken away' run up
	keep pgstride down --dir "$folder" --steps 2 --dry-run
	like "$out" 'CREATE INDEX CONCURRENTLY people_born ON public.people' 'a derived undo is shown'
	like "$out" 'VALIDATE CONSTRAINT grown +SHARE UPDATE EXCLUSIVE +scan' 'with its lock and its work, made safe like any statement'
	like "$out" 'undo up' 'as an undo'
	exits 0 'and comes back' run down --steps 2
	is "$(diff <(echo "$before") <(snapshot_schema))" '' 'in every attribute'
	is "$(states)" '' 'the history has forgotten it'
	exits 0 'and once more' run up
	exits 0 'and back' run down --steps 2
	is "$(diff <(echo "$before") <(snapshot_schema))" '' 'in every attribute again'
}

what_does_not_fit_is_said() {
	fresh unfit
	migration 1_null <<<'ALTER TABLE people ALTER COLUMN born DROP NOT NULL;'
	exits 0 'NOT NULL is dropped' run up
	sql "UPDATE people SET born = NULL WHERE id = 7"
	exits 4 'a NULL since then refuses the way back' run down
	like "$err" 'born' 'and says of what'
	is "$(states)" '1 contracted' 'nothing was taken back'
	sql "UPDATE people SET born = '2000-01-01' WHERE id = 7"
	exits 0 'mended, it goes' run down
	is "$(sql "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'people'::regclass AND attname = 'born'")" t 'NOT NULL again'
}

# Killed in the middle, up or down, it goes on and ends as it should.
killed_on_the_way() {
	local fault before
	fresh killed
	migration 1_take <<-'SQL'
		DROP INDEX people_born;
		ALTER TABLE people ALTER COLUMN born DROP NOT NULL;
		ALTER TABLE people DROP CONSTRAINT people_name_key;
		DROP VIEW towns;
	SQL
	before=$(snapshot_schema)
	PGSTRIDE_FAULT=alone_done keep "$root/build/pgstride-faults" up --yes --dir "$folder"
	is "$status" 137 'killed when the index is dropped and nothing says so'
	exits 0 'up goes on' run up
	for fault in undo_after:1 undo_after:3 step_sent:2 alone_done:1; do
		PGSTRIDE_FAULT=$fault keep "$root/build/pgstride-faults" down --yes --dir "$folder"
		is "$status" 137 "killed on the way down, at $fault"
	done
	exits 4 'up has to wait' run up
	like "$err" 'the way down of 1_take was begun' 'for the way down that was begun'
	keep pgstride status --dir "$folder"
	like "$out" 'its way down was begun and not finished' 'and status says so'
	exits 0 'down goes on' run down
	is "$(diff <(echo "$before") <(snapshot_schema))" '' 'and ends where it began'
}

no_way_back() {
	fresh never
	migration 1_nick <<<'ALTER TABLE people ADD COLUMN nick text;'
	migration 2_gone <<-'SQL'
		ALTER TABLE people ALTER COLUMN city SET DEFAULT 'Rome';

		ALTER TABLE people DROP COLUMN size;
	SQL
	exits 0 'a column is dropped' run up
	exits 4 'there is no way back' run down --steps 2
	like "$err" '2_gone\.sql:3: no way back is known for step 2 of up of 2_gone' 'with file and line'
	like "$err" 'Write it down in a section -- migrate:down' 'and what to write'
	is "$(states)" '1 contracted, 2 contracted' 'and nothing ran, not even what could'
	keep run down --format json
	is "$(jq -c '.error | [.code, .exit, .line]' <<<"$out")" '["refused",4,3]' 'the same as JSON'
}

# What another runner's folder takes back is written where that runner's would be.
written_elsewhere() {
	local layout file head cure
	while IFS='|' read -r layout file head cure; do
		fresh "of_$layout"
		mkdir "$folder/meta"
		printf '%bALTER TABLE people DROP COLUMN size;\n' "$head" >"$folder/$file"
		echo '{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1767225600000,"tag":"0000_a","breakpoints":true}]}' >"$folder/meta/_journal.json"
		[ "$layout" = drizzle ] || rm -r "$folder/meta"
		exits 0 "$layout: a column is dropped" run up --layout "$layout" --history own
		exits 4 "$layout: there is no way back" run down --layout "$layout" --history own
		like "$err" "hint: $cure" "$layout: it is said where one would be written"
	done <<-'ROWS'
		pair|1_a.up.sql||Write it down beside it, in VERSION_name\.down\.sql; then: pgstride down$
		goose|1_a.sql|-- +goose Up\n|Write it down below a line -- \+goose Down; then: pgstride down$
		flyway|V1__a.sql||Write it down beside it, in a file that is called U instead of V; then: pgstride down$
		drizzle|0000_a.sql||Write it down beside it, in NAME\.down\.sql; then: pgstride down$
		plain|1_a.sql||Take it back by hand, then: pgstride mark 1 --pending$
	ROWS
	exits 0 'plain: as it is told' run mark 1 --pending --layout plain --history own
	fresh marked
	migration 1_nick <<<'ALTER TABLE people ADD COLUMN nick text;'
	exits 0 'a column is added' run up
	exits 0 'what is known already is said once more' run mark 1
	like "$out" 'nothing was changed' 'nothing is'
	exits 0 'and how to take it back is known' run down
}

later_ones_stand_on_it() {
	fresh later
	migration 1_nick <<<'ALTER TABLE people ADD COLUMN nick text; ALTER TABLE people ADD COLUMN tail text;'
	migration 2_towns <<<'CREATE TABLE towns_too (id bigint PRIMARY KEY);'
	migration 3_index <<-'SQL'

		CREATE INDEX people_nick ON people (nick);
	SQL
	migration 4_key <<<'CREATE TABLE roads (id bigint, town bigint REFERENCES towns_too);'
	exits 0 'four of them' run up
	exits 4 'the first is stood upon' run down 1
	like "$err" '3_index\.sql:2: 1_nick would take away column "nick" of "people", which 3_index uses' 'by the third, at its place'
	like "$err" 'pgstride down 3' 'which has to go first'
	exits 4 'the second too' run down 2
	like "$err" '4_key\.sql:1: 2_towns would take away "towns_too", which 4_key uses' 'by the fourth'
	is "$(sql "SELECT count(*) FROM pg_indexes WHERE indexname = 'people_nick'")" 1 'no index went silently'
	exits 0 'without the third' run down 3
	exits 0 'the first goes' run down 1
	is "$(states)" '2 contracted, 4 contracted' 'and the others stay'
	exits 0 'together they go' run down --steps 2
	is "$(states)" '' 'last first'
}

start_postgres
sql 'CREATE ROLE reader; CREATE ROLE owner'
everything_comes_back
what_does_not_fit_is_said
killed_on_the_way
no_way_back
written_elsewhere
later_ones_stand_on_it
finish
