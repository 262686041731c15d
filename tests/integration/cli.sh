#!/bin/bash
# once: what is typed and printed is decided before a server is met
# cli.sh: what a person, a pipe and a Job get from the command line: exit codes, prompts,
# texts, JSON; on a real server.
. "$(dirname "$0")/../lib.sh"

# migration NAME: stdin as a file of the folder $dir.
migration() { cat >"$dir/$1.sql"; }
fresh() {
	new_database "$1"
	dir=$tmp/$1
	mkdir -p "$dir"
	cd "$dir" || exit 1
	export PGSTRIDE_DIR=$dir
}
two_phases() {
	sql 'CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL)'
	sql "INSERT INTO people SELECT n, 'person ' || n FROM generate_series(1, 1000) n"
	migration 20260101_split <<-'SQL'
		-- migrate:expand
		ALTER TABLE people ADD COLUMN full_name text;
		-- migrate:backfill sync:both
		UPDATE people SET full_name = name WHERE full_name IS NULL;
		-- migrate:contract
		ALTER TABLE people DROP COLUMN name;
		-- migrate:down expand
		ALTER TABLE people DROP COLUMN full_name;
	SQL
}

usage() {
	fresh usage
	exits 0 'version' pgstride version
	exits 0 'help' pgstride help
	like "$out" 'contract' 'help lists the commands'
	exits 0 'help of a command' pgstride up --help
	like "$out" '--lock-patience' 'a command lists its flags'
	exits 2 'an unknown command is a usage error' pgstride upp
	like "$err" 'upp' 'the unknown command is named'
	exits 2 'an unknown flag is a usage error' pgstride up --no-such-flag
	exits 2 'a flag without its value' pgstride up --max-stall
	exits 2 'a number without a unit' pgstride up --max-stall 100
	exits 2 'a folder that is not there' pgstride up --dir "$tmp/nowhere"
	exits 2 'a word too many' pgstride version nonsense
	like "$(pgstride up --no-such-flag 2>/dev/null)" '^$' 'errors are not on stdout'
}

targets() {
	fresh targets
	local url="postgresql:///targets?host=$server&user=postgres"
	migration 1_one <<<'CREATE TABLE one (n int);'
	exits 0 'by URL' env -u PGSTRIDE_DATABASE "$pgstride_binary" status --database "$url"
	exits 0 'by positional URL' env -u PGSTRIDE_DATABASE "$pgstride_binary" status "$url"
	exits 0 'by keyword string' env -u PGSTRIDE_DATABASE "$pgstride_binary" status -d "$PGSTRIDE_DATABASE"
	exits 0 'by libpq environment' env -u PGSTRIDE_DATABASE "$pgstride_binary" status
	exits 0 'by DSN with -e' env -u PGSTRIDE_DATABASE DSN="$url" "$pgstride_binary" migrate sql status -e
	printf '[shop]\nhost=%s\nuser=postgres\ndbname=targets\n' "$server" >"$tmp/services"
	exits 0 'by service file' env -u PGSTRIDE_DATABASE -u PGHOST PGSERVICEFILE="$tmp/services" PGSERVICE=shop "$pgstride_binary" status
	exits 0 'by the second of two hosts' env -u PGSTRIDE_DATABASE PGHOST="/nonexistent,$server" PGPORT=5432,5432 \
		PGTARGETSESSIONATTRS=read-write "$pgstride_binary" status
	exits 2 'no target is a usage error' env -i PATH="$PATH" "$pgstride_binary" status --dir "$dir"
	exits 2 'two targets that differ are refused' env DSN=postgresql:///other "$pgstride_binary" status
	exits 6 'a server that is not there' pgstride status -d 'host=/nonexistent dbname=x'
	exits 6 'a database that is not there' pgstride status -d "host=$server user=postgres dbname=nowhere"
	like "$err" 'nowhere' 'the database is named'
	is "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'")" 0 'status makes nothing'
}

spellings() {
	fresh spellings
	migration 1_one <<<'CREATE TABLE one (n int);'
	exits 0 'migrate sql status' pgstride migrate sql status "$PGSTRIDE_DATABASE"
	exits 7 'migrate sql without a terminal and --yes' pgstride migrate sql "$PGSTRIDE_DATABASE"
	is "$(sql "SELECT to_regclass('one')")" '' 'not confirmed: nothing ran'
	exits 0 'migrate up goes on without a terminal' pgstride migrate up
	like "$out" 'Successfully applied 1 migration' 'says how many'
	like "$out" '1_one\.sql' 'names the file'
	migration 2_two <<<'CREATE TABLE two (n int);'
	exits 0 'migrate sql --yes' pgstride migrate sql "$PGSTRIDE_DATABASE" --yes
	migration 3_three <<<'CREATE TABLE three (n int);'
	exits 0 'sys database migrate' pgstride sys database migrate --yes
	is "$(sql "SELECT to_regclass('three')")" three 'it ran'
	exits 0 'nothing to do' pgstride up
	exits 0 'nothing to plan' pgstride plan
	is "$out" 'Migrations already up to date, nothing to apply' 'and that is all it says'
}

states() {
	fresh states
	two_phases
	exits 8 'pending: status --exit-code' pgstride status --exit-code
	like "$out" '^Migration Status:' 'status has its title'
	like "$out" '^Pending migrations:' 'status lists what is pending'
	like "$out" 'Database is 1 migration behind' 'status counts'
	exits 0 'plan' pgstride plan
	like "$out" 'ACCESS EXCLUSIVE' 'plan says the lock'
	like "$out" 'Nothing was run' 'plan says that it ran nothing'
	exits 0 'up stops before contract' pgstride up
	like "$out$err" 'contract' 'up says what comes next'
	exits 0 'awaiting contract is not pending' pgstride status --exit-code
	exits 7 'contract without a terminal and --yes' pgstride contract
	exits 7 'down without a terminal and --yes' pgstride down
	exits 0 'contract' pgstride contract --yes
	is "$(sql "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'people'::regclass AND attnum > 0 AND NOT attisdropped")" \
		'id full_name' 'only the new shape is left'
	exits 0 'contract again: nothing to do, or says so' pgstride status
	like "$out" 'Database Status: clean' 'status is clean'
	like "$out" "20260101_split\.sql +\(applied: [0-9-]{10} [0-9:]{8}\)" 'status lists it as applied'
	exits 0 'history' pgstride history
	like "$out" '20260101' 'history tells of it'
}

prompts() {
	fresh prompts
	two_phases
	exits_in_terminal 7 'answering n to up: exit 7' $'n\n' "$pgstride_binary" up --no-color
	is "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'people'::regclass AND attname = 'full_name'")" 0 'answering n: nothing ran'
	exits_in_terminal 0 'answering y to up' $'y\n' "$pgstride_binary" up --no-color
	unlike "$out" $'\e\\[3[0-9]m' '--no-color: no colours on a terminal'
	exits_in_terminal 0 'answering y to contract' $'y\n' "$pgstride_binary" contract
	unlike "$(pgstride status)" $'\e' 'no escape sequences in a pipe'
}

failures_are_told() {
	fresh failing
	migration 1_good <<<'CREATE TABLE good (n int);'
	migration 2_bad <<-'SQL'
		-- migrate:up
		CREATE TABLE half (n int);

		COMMENT ON COLUMN good.m IS 'many';
	SQL
	exits 1 'a statement fails: exit 1' pgstride up
	like "$err" '2_bad\.sql:4' 'with file and line'
	like "$err" 'column "m"' 'with what the server said'
	like "$err" 'rolled back' 'and what is left of it: nothing'
	is "$(sql "SELECT to_regclass('good') || ' ' || coalesce(to_regclass('half')::text, '-')")" 'good -' 'the first is kept, the failed one is not'
	exits 0 'not dirty' pgstride status
	like "$out" 'Database Status: clean' 'status says clean'
	migration 2_bad <<<'CREATE TABLE half (n int);'
	exits 0 'mended, it runs' pgstride up
	migration 3_syntax <<<'CREATE TABEL x (n int);'
	keep pgstride up
	like "$status" '^(2|4)$' 'a syntax error is found before anything runs'
	like "$err" '3_syntax\.sql:1' 'a syntax error has file and line'
}

dirty() {
	fresh dirty
	migration 1_parts <<-'SQL'
		-- migrate:up transaction:false
		CREATE TABLE kept (n int);
		INSERT INTO kept SELECT 1 / count(*) FROM pg_class WHERE relname = 'nowhere';
	SQL
	exits 1 'a file without a transaction fails midway' pgstride up
	like "$err" 'partial at 1/2' 'it says how far it came'
	is "$(sql "SELECT to_regclass('kept')")" kept 'the first statement is kept'
	exits 1 'the next up goes on at the failed statement' pgstride up
	sql 'CREATE TABLE nowhere (n int)'
	exits 0 'and finishes when it can' pgstride up
	is "$(sql "SELECT count(*) FROM kept")" 1 'each statement ran once'

	migration 2_parts <<-'SQL'
		-- migrate:up transaction:false
		CREATE TABLE kept_too (n int);
		INSERT INTO kept VALUES (1 / 0);
	SQL
	exits 1 'another one fails midway' pgstride up
	migration 2_parts <<-'SQL'
		-- migrate:up transaction:false
		CREATE TABLE kept_too (n bigint);
		INSERT INTO nowhere VALUES (1);
	SQL
	exits 3 'its kept part was edited: dirty, exit 3' pgstride up
	like "$err" '^Error: Database is in dirty state at version 2$' 'the dirty line, to the letter'
	keep pgstride status
	like "$out" 'Database Status: DIRTY' 'status says DIRTY'
	exits 0 'force says what is true' pgstride force 2 --yes
	exits 0 'and it is clean again' pgstride up
}

validation() {
	fresh validation
	migration 1_one <<<'CREATE TABLE one (n int);'
	exits 0 'one is applied' pgstride up
	migration 1_one <<<'CREATE TABLE one (n int); -- a remark'
	exits 0 'a comment was added: no failure' pgstride up
	migration 1_one <<<'CREATE TABLE one (n bigint);'
	exits 4 'the text was changed: exit 4' pgstride up
	like "$err" '1_one' 'the changed file is named'
	migration 1_one <<<'CREATE TABLE one (n int);'
	migration 5_five <<<'CREATE TABLE five (n int);'
	exits 0 'five is applied' pgstride up
	migration 3_three <<<'CREATE TABLE three (n int);'
	exits 4 'an older one came late: exit 4' pgstride up
	exits 0 'unless it may' pgstride up --out-of-order
	rm "$dir/5_five.sql"
	exits 4 'an applied file is gone: exit 4' pgstride up
	like "$err" 'if it is to be forgotten: pgstride mark 5 --pending$' 'both ways out are named'
	exits 2 'a version that nobody knows' pgstride mark 7 --pending
	exits 0 'it is forgotten' pgstride mark 5 --pending
	exits 0 'and asked for no more' pgstride up
}

two_at_once() {
	fresh two
	two_phases
	slow_rows people 50
	"$pgstride_binary" up >"$tmp/first" 2>&1 </dev/null &
	local first=$!
	wait_until sh -c "psql -XAtqc 'SELECT 1 FROM pgstride.backfills' 2>/dev/null | grep -q 1"
	exits 5 'a second up that will not wait: exit 5' pgstride up --no-wait
	like "$err" 'Error: database is locked' 'says that it is locked'
	like "$err" "$(hostname)|pid" 'and by whom'
	exits 0 'status waits for nobody' pgstride status
	: >"$tmp/.err"
	(wait_until grep -q 'waiting for another run' "$tmp/.err"; full_speed) &
	exits 0 'a second up that waits finds all done' pgstride up
	wait "$first"
	is $? 0 'the first one finished'
	is "$(sql "SELECT count(*) FROM pgstride.steps WHERE phase = 'expand'")" 1 'expand ran once'
}

interrupted() {
	local signal
	for signal in INT TERM; do
		fresh interrupted
		two_phases
		slow_rows people 50
		"$pgstride_binary" up >"$tmp/first" 2>&1 </dev/null &
		local first=$!
		wait_until sh -c "psql -XAtqc \"SELECT 1 FROM pg_stat_activity WHERE datname = 'interrupted' AND application_name LIKE 'pgstride%' AND wait_event = 'PgSleep'\" | grep -q 1"
		kill -"$signal" "$first"
		wait "$first"
		is $? 75 "$signal during a backfill: exit 75"
		full_speed
		exits 0 "$signal: up goes on" pgstride up
		is "$(sql "SELECT count(*) FROM people WHERE full_name IS DISTINCT FROM name")" 0 "$signal: and fills every row"
	done
}

pipes() {
	fresh pipes
	two_phases
	keep sh -c "'$pgstride_binary' plan | head -n 1"
	is "$status $(wc -l <<<"$out")" '0 1' 'a reader that goes away'
	exits 0 'up with a closed stdin' sh -c "'$pgstride_binary' up <&-"
	keep sh -c "'$pgstride_binary' status >&-"
	like "$status" '^[1-9][0-9]?$' 'a closed stdout is an error, not a crash'
	exits 0 'a closed stderr' sh -c "'$pgstride_binary' status 2>&-"
	keep sh -c "'$pgstride_binary' status >/dev/full"
	like "$status" '^[1-9][0-9]?$' 'a full disk behind stdout is an error'
	keep sh -c "'$pgstride_binary' status --format json >/dev/full"
	is "$status $err" '2 Error: cannot write the output: No space left on device' 'a full disk behind JSON is an error too'
	keep sh -c "('$pgstride_binary' help up; echo \"status \$?\" >&2) | head -n 1"
	is "$err" 'status 0' 'a reader that has seen enough is no error'
}

json() {
	fresh json
	two_phases
	local words
	while read -r -a words; do
		keep pgstride "${words[@]}" --format json
		holds "json of ${words[*]}" jq -e --arg command "${words[0]}" '.schema == 1 and .command == $command and .result' <<<"$out"
		is "$(wc -l <<<"$out")" 1 "json of ${words[*]} is one line"
	done <<-'LIST'
		plan
		up --yes
		status
		contract --yes
		history
		validate
		version
	LIST
	keep pgstride up --format json --to 99
	holds 'json of an error' jq -e '.schema == 1 and .error.exit > 0 and (.error.message | length > 0) and .error.code' <<<"$out"
	is "$status" "$(jq .error.exit <<<"$out")" 'json says the exit code it ends with'
	keep pgstride status --format json-pretty
	holds 'json-pretty' jq -e .result <<<"$out"
}

start_postgres
usage
targets
spellings
states
prompts
failures_are_told
dirty
validation
two_at_once
interrupted
pipes
json
finish
