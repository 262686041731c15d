#!/bin/bash
# once: which migrations run is decided before the server is asked for anything
# verbs.sh: how far, which, and back: goto, --to, --steps, --through, --allow-overlap and
# --out-of-order; every way back shown and found before the first step of any is run.
. "$(dirname "$0")/../lib.sh"

folder=$tmp/folder
migration() { cat >"$folder/$1.sql"; }

# fresh NAME: a database with one table, and a folder of four migrations on it.
fresh() {
	new_database "$1"
	sql "CREATE TABLE people (id bigint PRIMARY KEY, name text, city text);
	     INSERT INTO people SELECT n, 'name ' || n, 'town' FROM generate_series(1, 100) n"
	rm -rf "$folder"
	mkdir -p "$folder"
	migration 1_nick <<<'ALTER TABLE people ADD COLUMN nick text;'
	migration 2_pets <<<'CREATE TABLE pets (id bigint PRIMARY KEY, name text);'
	migration 3_town <<-'SQL'
		-- migrate:expand
		ALTER TABLE people ADD COLUMN town text;
		-- migrate:backfill sync:both
		UPDATE people SET town = city WHERE town IS NULL;
		-- migrate:contract
		ALTER TABLE people DROP COLUMN city;
	SQL
	migration 4_index <<<'CREATE INDEX pets_name ON pets (name);'
}
states() { sql "SELECT string_agg(version || ' ' || state, ', ' ORDER BY version::int) FROM pgstride.migrations"; }
run() { pgstride "$@" --dir "$folder" --yes; }

how_far() {
	fresh far
	exits 0 '--steps 1' run up --steps 1
	is "$(states)" '1 contracted' '--steps counts migrations'
	exits 0 '--to 3 --through expand' run up --to 3 --through expand
	is "$(states)" '1 contracted, 2 contracted, 3 expanded' '--to includes its version, --through ends with the phase'
	keep run up --dry-run --through expand
	unlike "$out" '3_town' 'what is as far as asked is not planned'
	exits 0 '--steps 1 --through contract' run up --steps 1 --through contract
	is "$(states)" '1 contracted, 2 contracted, 3 contracted' '--through contract finishes what was begun'
	exits 0 'the rest' run up
	is "$(states)" '1 contracted, 2 contracted, 3 contracted, 4 contracted' 'all of it'
	fresh whole
	exits 0 'a fresh install: --through contract' run up --through contract
	is "$(states)" '1 contracted, 2 contracted, 3 contracted, 4 contracted' 'a fresh install is finished at once'
	fresh wrong
	exits 2 '--to what is not there' run up --to 9
	exits 2 '--steps 0' run up --steps 0
	exits 2 '--through what is no phase' run up --through middle
	exits 2 '--to for contract' run contract --to 3
	like "$err" '--to does not apply to "contract"' 'it says so'
	exits 2 'golang-migrate says it so' run down --all
	like "$err" 'say how many: --steps 999' 'here it is a number'
	exits 2 '--steps with a version' run down 3 --steps 2
	like "$err" 'goto VERSION' 'and what was probably meant'
	is "$(states)" '' 'nothing was run by any of them'
}

plans_say_how_far() {
	fresh plans
	keep pgstride plan --dir "$folder" --to 3 --through expand
	like "$out" 'backfill   later: pgstride up' 'a phase that is not run says who runs it'
	unlike "$out" '4_index' '--to ends the plan'
	keep pgstride plan --dir "$folder" --through contract
	unlike "$out" 'pgstride contract' 'a contract that is run waits for nobody'
}

out_of_order() {
	fresh order
	rm "$folder/2_pets.sql" "$folder/4_index.sql"
	exits 0 'up without the second' run up
	migration 2_pets <<<'CREATE TABLE pets (id bigint PRIMARY KEY, name text);'
	exits 4 'a late one is refused' run up
	like "$err" '--out-of-order' 'and the flag is named'
	exits 4 'by goto too' run goto 3
	exits 0 'with --out-of-order it runs' run up --out-of-order
	is "$(states)" '1 contracted, 2 contracted, 3 backfilled' 'in its place'
	migration 5_more <<<'ALTER TABLE people ADD COLUMN more text;'
	exits 4 'over an open one it is refused' run up
	like "$err" '3_town has not contracted' 'with both names'
	exits 4 'plan says so too' pgstride plan --dir "$folder"
	exits 0 'with --allow-overlap it runs' run up --allow-overlap
}

goto_version() {
	fresh there
	exits 7 'goto asks' pgstride goto 3 --dir "$folder"
	is "$(sql "SELECT to_regnamespace('pgstride')")" '' 'and without an answer nothing runs'
	exits 0 'goto 3: up' run goto 3
	is "$(states)" '1 contracted, 2 contracted, 3 backfilled' 'goto contracts nothing'
	keep run goto 3
	like "$out" '^Already there' 'goto where it is: nothing to do'
	exits 0 'goto 4' run goto 4 --format json
	is "$(jq -c '[.result.migrations[] | [.version, .to]]' <<<"$out")" '[["4","contracted"]]' 'goto as JSON'
	keep pgstride goto 1 --dir "$folder" --dry-run
	like "$out" '3 migrations to take back' 'goto shows what it takes back'
	like "$out" 'DROP INDEX CONCURRENTLY IF EXISTS pets_name' 'statement by statement'
	unlike "$(states)" '^1 contracted$' 'and a dry run runs nothing'
	exits 0 'goto 1: down' run goto 1
	like "$err" '✓ down ' 'whose steps say so'
	is "$(states)" '1 contracted' 'what is above is taken back'
	is "$(sql "SELECT to_regclass('pets')")" '' 'from the database too'
	rm "$folder/2_pets.sql"
	exits 4 'goto 4 that cannot work' run goto 4
	like "$err" '4_index\.sql:1: relation "pets" does not exist' 'is refused for the last of its statements'
	is "$(states)" '1 contracted' 'before the first of them ran'
	exits 0 'goto 3' run goto 3
	exits 0 'goto -1' run goto -1
	is "$(states)" '' 'goto -1 is before the first'
	is "$(sql "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'people'::regclass AND attnum > 0 AND NOT attisdropped")" \
		'id name city' 'and all is as it was'
}

both_ways() {
	fresh both
	exits 0 'up to 2, and 4' run up --to 2
	exits 0 'up 4' run up 4
	keep pgstride goto 3 --dir "$folder" --dry-run --out-of-order
	like "$out" '1 migration pending, 1 migration to take back' 'both directions in one plan'
	exits 0 'goto 3: up, then down' run goto 3 --out-of-order
	is "$(states)" '1 contracted, 2 contracted, 3 backfilled' 'up, then down'
	like "$out" 'Successfully applied 1 migration' 'the report tells of one'
	like "$out" 'Successfully rolled back 1 migration' 'and of the other'
	is "$(sql "SELECT to_regclass('pets_name')")" '' 'what was above is gone'
}

# Of every verb that gives results: a heading, and as many cells in every line.
tables_and_yaml() {
	local verb
	fresh tables
	for verb in 'plan' 'up --yes' 'status' 'history' 'goto 2 --yes' 'down --yes' 'contract --yes' 'up --yes' 'mark 4 --pending --yes'; do
		# shellcheck disable=SC2086 # a list of words
		exits 0 "$verb as a table" pgstride $verb --format table --dir "$folder"
		like "$out" '^(Version|At)	' "$verb: a heading"
		is "$(awk -F '\t' 'NR == 1 { cells = NF } NF != cells' <<<"$out")" '' "$verb: as many cells in every line"
	done
	for verb in 'status' 'history' 'down --dry-run' 'down --yes' 'plan'; do
		# shellcheck disable=SC2086
		exits 0 "$verb as YAML" pgstride $verb --format yaml --dir "$folder"
		like "$out" '^command: ' "$verb: YAML"
	done
}

# Where everything is applied, up reads and no more; not while somebody is at work.
nothing_to_do() {
	local before
	fresh nothing
	exits 0 'everything is applied' run up
	before=$(sql 'SELECT count(*) FROM pgstride.runs')
	exits 0 'once more' run up
	like "$out" 'nothing to apply' 'there is nothing to do'
	is "$(sql 'SELECT count(*) FROM pgstride.runs')" "$before" 'a run with nothing to do writes nothing'
	sql "CREATE ROLE onlooker LOGIN; GRANT USAGE ON SCHEMA pgstride TO onlooker; GRANT SELECT ON ALL TABLES IN SCHEMA pgstride TO onlooker"
	PGUSER=onlooker PGSTRIDE_DATABASE="host=$server dbname=nothing user=onlooker" exits 0 'a role that may only read is enough for that' run up
	psql_session other
	say other "SELECT 'held', pg_advisory_lock(7236, $(runner_key));"
	wait_until grep -q . "$tmp/other.out"
	exits 5 'while another run is at work it is waited for' run up --no-wait
	hang_up other
	echo '-- changed' >>"$folder/4_index.sql"
	exits 0 'a comment more' run up
	like "$err$out" 'comments or white space changed' 'is still told'
	migration 4_index <<<'CREATE INDEX pets_name ON pets (id);'
	exits 4 'and other text is still refused' run up
	migration 5_more <<<'CREATE TABLE more (id bigint);'
	migration 4_index <<<'CREATE INDEX pets_name ON pets (name);'
	exits 0 'one more file is run' run up
	is "$(sql "SELECT count(*) FROM pgstride.migrations WHERE version = '5'")" 1 'and recorded'
}
# FNV-1a of the component, as a signed key: see runner_key.
runner_key() {
	local hash=2166136261 i component=main
	for ((i = 0; i < ${#component}; i++)); do hash=$((((hash ^ $(printf %d "'${component:i:1}")) * 16777619) & 4294967295)); done
	echo $((hash > 2147483647 ? hash - 4294967296 : hash))
}

start_postgres
nothing_to_do
tables_and_yaml
how_far
plans_say_how_far
out_of_order
goto_version
both_ways
finish
