#!/bin/bash
# once: folders and their histories know no extension
# components.sh: several folders in one database, each with its own history and runner.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1
start_postgres
new_database shop
mkdir -p kratos hydra
sql 'CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL); CREATE TABLE clients (id int PRIMARY KEY, name text NOT NULL)'
sql "INSERT INTO people SELECT n, 'p' || n FROM generate_series(1, 500) n; INSERT INTO clients SELECT n, 'c' || n FROM generate_series(1, 500) n"

# split TABLE: stdin is nothing; prints a migration that renames its column in phases.
split() {
	cat <<-SQL
		-- migrate:expand
		ALTER TABLE $1 ADD COLUMN full_name text;
		-- migrate:backfill sync:both
		UPDATE $1 SET full_name = name WHERE full_name IS NULL;
		-- migrate:contract
		ALTER TABLE $1 ALTER COLUMN full_name SET NOT NULL;
		ALTER TABLE $1 DROP COLUMN name;
		ALTER TABLE $1 RENAME COLUMN full_name TO name;
	SQL
}
split people >kratos/20260101_split.sql
split clients >hydra/20260101_split.sql
cat >config.yml <<'YAML'
pgstride:
  components:
    - {name: kratos, dir: kratos}
    - name: hydra
      dir: hydra
      layout: native
YAML
states() { sql "SELECT string_agg(component || ' ' || state, ', ' ORDER BY component) FROM pgstride.migrations"; }

choosing() {
	exits 2 'which of two is meant?' pgstride status -c config.yml
	like "$err" 'config\.yml:3: there are several components, and none is named: kratos, hydra' 'says which there are'
	like "$err" '--component NAME, or --all' 'and how to say it'
	exits 2 'a name that is none' pgstride status -c config.yml --component hydro
	like "$err" 'Did you mean "hydra"' 'says what was meant'
	exits 2 'up of all has no version' pgstride up -c config.yml --all --to 20260101
	exits 2 '--all without components' pgstride up --all --dir kratos
	exits 2 'no such name can be given' pgstride status --component 'a b' --dir kratos
	exits 0 'one of them' pgstride plan -c config.yml --component hydra
	like "$out" 'clients' 'plans its folder'
	unlike "$out" 'people' 'and no other'
	exits 0 'validate knows its folder' pgstride validate -c config.yml --component kratos
	like "$out" '^kratos: 1 migration, all valid' 'says which'
	exits 0 'new writes into its folder' pgstride new later -c config.yml --component hydra --up-only
	like "$out" '^hydra/.*_later\.sql' 'says where'
	rm hydra/*_later.sql
	exits 0 'an only component needs no name' pgstride status -c <(echo "pgstride: {components: [{name: sole, dir: $tmp/kratos}]}")
}

together() {
	exits 8 'status of all: both are behind' pgstride status -c config.yml --all --exit-code
	like "$(grep -E '^Component|behind' <<<"$out" | tr '\n' ' ')" \
		'^Component kratos \(kratos\): Database is 1 migration behind\. Component hydra \(hydra\): Database is 1 migration behind\.' \
		'in the order given'
	exits 0 'up of all' pgstride up -c config.yml --all --yes
	is "$(states)" 'hydra backfilled, kratos backfilled' 'each has its history'
	is "$(sql "SELECT count(DISTINCT tgname) || ' ' || count(DISTINCT tgfoid) FROM pg_trigger WHERE tgname LIKE '~pgstride%'")" '2 2' 'triggers and functions share no name'
	sql "UPDATE people SET name = 'anna' WHERE id = 1; UPDATE clients SET full_name = 'shop' WHERE id = 1"
	is "$(sql "SELECT p.full_name || ' ' || c.name FROM people p, clients c WHERE p.id = 1 AND c.id = 1")" 'anna shop' 'both are kept level'
	exits 0 'status of all as JSON' pgstride status -c config.yml --all --format json
	is "$(jq -r '[.result.components[] | .component + " " + .result.migrations[0].state] | join(", ")' <<<"$out")" \
		'kratos backfilled, hydra backfilled' 'is one object'
	exits 0 'contract of one' pgstride contract -c config.yml --component hydra --yes
	is "$(states)" 'hydra contracted, kratos backfilled' 'leaves the other alone'
	like "$(pgstride history -c config.yml --component kratos --format json | jq -r '[.result.events[]?.phase // empty] | unique | join(" ")')" \
		'^(backfill )?expand' 'its history tells of it'
	exits 0 'down of the other' pgstride down -c config.yml --component kratos --yes
	is "$(states)" 'hydra contracted' 'leaves the first alone'
}

# The first that fails is the last that is tried; what is done is told.
failing() {
	echo 'CREATE TABLE fine (n int);' >kratos/20260201_fine.sql
	echo 'CREATE TABLE broken (n no_such_type);' >hydra/20260201_broken.sql
	echo 'CREATE TABLE never (n int);' >hydra/20260301_never.sql
	exits 1 'the second component fails' pgstride up -c config.yml --all --yes --format json
	is "$(jq -r '.error.moved.components[0].component' <<<"$out")" kratos 'JSON says what was done'
	like "$(jq -r '.error.message' <<<"$out")" 'component "hydra"' 'and whose error it is'
	exits 0 'the first is done' pgstride status -c config.yml --component kratos --exit-code
	rm hydra/*_broken.sql hydra/*_never.sql
}

# A table with the sync trigger of one component is left alone by the other.
apart() {
	echo 'ALTER TABLE people ADD COLUMN age int;' >hydra/20260301_age.sql
	exits 4 'a table that another component has expanded' pgstride up -c config.yml --component hydra --yes
	like "$err" '20260301_age touches "people", which 20260101_split of component "kratos" has not contracted yet' 'names both'
	like "$err" 'pgstride contract --component kratos' 'and what to do'
	exits 0 '--allow-overlap' pgstride up -c config.yml --component hydra --yes --allow-overlap
}

# Theirs from the first step on, though nothing of it is filled yet.
apart_early() {
	sql "CREATE TABLE rooms (id int PRIMARY KEY, a text); INSERT INTO rooms VALUES (1, 'x')"
	printf -- '-- migrate:expand\nALTER TABLE rooms ADD COLUMN b text;\n-- migrate:backfill sync:off\nUPDATE rooms SET b = a WHERE b IS NULL;\n-- migrate:contract\nALTER TABLE rooms DROP COLUMN a;\n' >kratos/20260501_rooms.sql
	echo 'ALTER TABLE public.rooms ADD COLUMN c int;' >hydra/20260501_rooms.sql
	exits 0 'a table that was expanded and not filled' pgstride up -c config.yml --component kratos --through expand --yes
	exits 4 'is left alone before anything runs' pgstride up -c config.yml --component hydra --yes
	like "$err" '20260501_rooms touches "rooms", which 20260501_rooms of component "kratos" has not contracted yet' 'and says whose it is'
	exits 0 'what was expanded is undone' pgstride down -c config.yml --component kratos --yes
	exits 0 'then it is free' pgstride up -c config.yml --component hydra --yes
	rm kratos/20260501_rooms.sql
}

# One table, one label, two components: what is made for one is not the other's.
same_names() {
	sql "CREATE TABLE pairs (id int PRIMARY KEY, a text, c text); INSERT INTO pairs SELECT n, 'a' || n, 'c' || n FROM generate_series(1, 50) n"
	printf -- '-- migrate:expand\nALTER TABLE pairs ADD COLUMN b text;\n-- migrate:backfill sync:both\nUPDATE pairs SET b = a WHERE b IS NULL;\n-- migrate:contract\nALTER TABLE pairs DROP COLUMN a;\n' >kratos/20260601_same.sql
	printf -- '-- migrate:expand\nALTER TABLE pairs ADD COLUMN d text;\n-- migrate:backfill sync:both\nUPDATE pairs SET d = c WHERE d IS NULL;\n-- migrate:contract\nALTER TABLE pairs DROP COLUMN c;\n' >hydra/20260601_same.sql
	exits 0 'a table that one expands' pgstride up -c config.yml --component kratos --yes
	exits 4 'is not for another, though the label be the same' pgstride up -c config.yml --component hydra --yes --allow-overlap
	like "$err" '"pairs" still has the sync trigger of another migration' 'whose trigger is not taken for its own'
	exits 0 'until the one is contracted' pgstride contract 20260601 -c config.yml --component kratos --yes
	exits 0 'then it may' pgstride up -c config.yml --component hydra --yes
	rm kratos/20260601_same.sql hydra/20260601_same.sql
}

# Two runners at once: the one waits behind a lock, the other finishes meanwhile.
at_once() {
	exits 0 'contract of the first' pgstride contract -c config.yml --component kratos --yes
	split people >kratos/20260401_again.sql
	sed -i 's/full_name/other_name/g' kratos/20260401_again.sql
	echo 'ALTER TABLE clients ADD COLUMN note text;' >hydra/20260401_note.sql
	psql_session reader
	say reader 'BEGIN; SELECT count(*) FROM people;'
	wait_until grep -q '^500$' "$tmp/reader.out"
	rm -f "$tmp/kratos.log"
	"$pgstride_binary" up -c config.yml --component kratos --yes >"$tmp/kratos.log" 2>&1 &
	local first=$!
	wait_until grep -q 'waiting for' "$tmp/kratos.log"
	exits 0 'another component runs meanwhile' pgstride up -c config.yml --component hydra --no-wait --yes
	exits 5 'the same one does not' pgstride up -c config.yml --component kratos --no-wait --yes
	like "$err" 'component "kratos"' 'and says whose lock it is'
	say reader 'COMMIT;'
	hang_up reader
	wait "$first"
	is "$?" 0 'the first finishes when it may'
}

# Olympus: three runners' folders, each on a database of its own, which its own history is
# in; one that fails in the middle leaves those behind it alone, and says which.
three_runners() {
	local name
	mkdir olympus
	for name in kratos hydra athena; do new_database "$name"; done
	cp -r "$root/tests/fixtures/popx" olympus/kratos
	cp -r "$root/tests/fixtures/pair" olympus/hydra
	cp -r "$root/tests/fixtures/drizzle" olympus/athena
	for name in kratos hydra athena; do
		echo "    - {name: $name, dir: $name, database: \"postgresql:///$name?host=$server&user=postgres\"}"
	done | sed '1i pgstride:\n  components:' >olympus/config.yml
	echo 'CREATE TABLE broken (n no_such_type);' >olympus/hydra/3_broken.up.sql
	exits 1 'three runners: the second fails' pgstride up -c olympus/config.yml --all --yes
	like "$err" 'component "hydra"' 'three runners: it is named'
	like "$err" 'not tried after it: athena' 'three runners: and what was not tried'
	is "$(psql -XAtq -d kratos -c 'SELECT count(*) FROM schema_migration') $(psql -XAtq -d hydra -c 'SELECT version, dirty FROM schema_migrations') $(psql -XAtq -d athena -c "SELECT count(*) FROM pg_namespace WHERE nspname IN ('drizzle', 'pgstride')")" \
		'5 2|f 0' 'three runners: the first is done, the second as far as it came, the third untouched'
	exits 1 'three runners: as JSON' pgstride up -c olympus/config.yml --all --yes --format json
	is "$(jq -c '[.error.moved.remaining, [.error.moved.components[].component]]' <<<"$out")" '[["athena"],["kratos"]]' 'three runners: what is done, and what remains'
	rm olympus/hydra/3_broken.up.sql
	exits 8 'three runners: status' pgstride status -c olympus/config.yml --all --exit-code --format json
	is "$(jq -c '[.result.components[] | [.component, .result.layout, .result.pending]]' <<<"$out")" \
		'[["kratos","popx",0],["hydra","pair",2],["athena","drizzle",2]]' 'three runners: in the order given'
	exits 0 'three runners: once it is mended' pgstride up -c olympus/config.yml --all --yes
	is "$(psql -XAtq -d hydra -c 'SELECT version, dirty FROM schema_migrations') $(psql -XAtq -d athena -c 'SELECT count(*) FROM drizzle.__drizzle_migrations')" '11|f 2' 'three runners: the rest is done, each in its own table'
	exits 0 'three runners: and nothing is pending' pgstride status -c olympus/config.yml --all --exit-code
}

choosing
together
failing
apart
at_once
apart_early
same_names
three_runners
finish
