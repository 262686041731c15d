#!/bin/bash
# once: what is in another runner's table does not hang on our extension
# foreign_back.sh: what another runner's table no longer says, or never said: versions that
# it took back and kept the rows of, files that came after the one row was written, rows
# that two files may mean. On PostgreSQL, SQLite and MySQL, or MariaDB.
. "$(dirname "$0")/../lib.sh"
start_postgres
postgres=$server
start_mysql
. "$root/tests/engines.sh"
trap '"$root/tests/servers/pg.sh" stop "$postgres" immediate; rm -rf "$postgres" "$files"; clean_up' EXIT

# fresh, ask: as in engines.sh, for PostgreSQL too.
eval "engine_$(declare -f fresh)"
eval "engine_$(declare -f ask)"
fresh() {
	[ "$engine" = postgres ] || { engine_fresh "$1" && return; }
	new_database "$1"
	PGSTRIDE_DATABASE="postgres://postgres@/$1?host=$PGHOST&port=$PGPORT"
}
ask() { if [ "$engine" = postgres ]; then sql "$1"; else engine_ask "$1"; fi; }
# applied, pending: the versions that we take for it.
applied() { versions contracted; }
pending() { versions pending; }
versions() {
	pgstride status --dir "$folder" --format json |
		jq -r "[.result.migrations[] | select(.state == \"$1\").version] | join(\" \")"
}
there() { rows "SELECT count(*) FROM $1"; }
# forget: as if pgstride had never been here.
forget() { if [ "$engine" = postgres ]; then sql 'DROP SCHEMA pgstride CASCADE'; else without_ours; fi; }
# folder_new NAME: an empty one.
folder_new() {
	folder=$tmp/$engine-$1
	mkdir "$folder"
	what="$engine, $1"
	fresh "$1"
}

# --- goose: an old row says that a version was taken back -------------------------------

goose_back() {
	folder_new goose
	for n in 1 2; do
		printf -- '-- +goose Up\nCREATE TABLE g%s (n int);\n-- +goose Down\nDROP TABLE g%s;\n' $n $n >"$folder/0000${n}_g.sql"
	done
	exits 0 "$what: up" pgstride up --dir "$folder"
	forget
	ask 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, false)' >"$tmp/said"
	ask 'DROP TABLE g2' >"$tmp/said"
	is "$(pending)" 00002 "$what: the newest row of a version counts"
	exits 0 "$what: it runs again" pgstride up --dir "$folder"
	is "$(rows 'SELECT count(*) FROM goose_db_version WHERE version_id = 2 AND is_applied')" 2 "$what: and has a row that says so"
	exits 0 "$what: which we believe" pgstride status --exit-code --dir "$folder"
	exits 0 "$what: said twice" pgstride mark 2 --dir "$folder" --yes
	is "$(rows 'SELECT count(*) FROM goose_db_version WHERE version_id = 2')" 3 "$what: it is written once"
}

# --- golang-migrate: one row, and a file that came after it -----------------------------

pair_late() {
	folder_new pair
	for n in 1 3; do
		echo "CREATE TABLE p$n (n int);" >"$folder/${n}_p.up.sql"
		echo "DROP TABLE p$n;" >"$folder/${n}_p.down.sql"
	done
	exits 0 "$what: up" pgstride up --dir "$folder"
	echo 'CREATE TABLE p2 (n int);' >"$folder/2_p.up.sql"
	echo 'DROP TABLE p2;' >"$folder/2_p.down.sql"
	is "$(pending)" 2 "$what: an older file that comes late is not taken for applied"
	exits 4 "$what: up" pgstride up --dir "$folder"
	like "$err" '2_p is older than 3_p, which was applied already' "$what: says so"
	like "$err" 'pgstride mark 2' "$what: and what to say where it was applied"
	exits 4 "$what: nor is it passed over in silence" pgstride status --exit-code --dir "$folder"
	like "$out" 'nothing can run: 2_p is older than 3_p' "$what: status says why it stays pending"
	exits 0 "$what: it runs where that is wanted" pgstride up --out-of-order --dir "$folder"
	is "$(there p2)|$(rows 'SELECT version FROM schema_migrations')" '0|3' "$what: and golang-migrate stays where it is"
	exits 0 "$what: marked as pending" pgstride mark 2 --pending --dir "$folder" --yes
	is "$(pending)" 2 "$what: it is, although the row would cover it"
	exits 0 "$what: marked again" pgstride mark 2 --dir "$folder" --yes
	is "$(applied)" '1 2 3' "$what: it is applied"

	# It went on itself: what is newer than all that we know is its word.
	echo 'CREATE TABLE p4 (n int);' >"$folder/4_p.up.sql"
	echo 'CREATE TABLE p5 (n int);' >"$folder/5_p.up.sql"
	ask 'UPDATE schema_migrations SET version = 5' >"$tmp/said"
	is "$(applied)" '1 2 3 4 5' "$what: what it has applied since is taken over"
	forget
	is "$(applied)" '1 2 3 4 5' "$what: and all of it where we have no history"
}

# --- Flyway: rows that take back others -------------------------------------------------

# flyway_says RANK VERSION TYPE: a row as repair, or undo, adds it.
flyway_says() {
	ask "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success)
		VALUES ($1, $2, 'f', '$3', 'x', NULL, 'me', 0, true)" >"$tmp/said"
}
flyway_back() {
	folder_new flyway
	for n in 1 2 3; do echo "CREATE TABLE f$n (n int);" >"$folder/V${n}__f.sql"; done
	exits 0 "$what: up" pgstride up --dir "$folder"
	forget
	flyway_says 4 "'2'" DELETE
	flyway_says 5 "'3'" UNDO_SQL
	ask 'DROP TABLE f2' >"$tmp/said"
	ask 'DROP TABLE f3' >"$tmp/said"
	is "$(pending)" '2 3' "$what: what a later row takes back is pending"
	exits 0 "$what: it runs again" pgstride up --dir "$folder"
	is "$(rows "SELECT version FROM flyway_schema_history WHERE type = 'SQL' ORDER BY installed_rank")" '1 2 3 2 3' "$what: and has a row behind that"
	exits 0 "$what: which we believe" pgstride status --exit-code --dir "$folder"

	# Its repair says so of a file that is gone for good.
	rm "$folder/V2__f.sql"
	flyway_says 8 "'2'" DELETE
	exits 4 "$what: a file that is gone where we have applied it" pgstride up --dir "$folder"
	like "$err" 'if it is to be forgotten: pgstride mark 2 --pending$' "$what: the way out is named"
	exits 0 "$what: as it is told" pgstride mark 2 --pending --dir "$folder" --yes
	exits 0 "$what: it is asked for no more" pgstride up --dir "$folder"
	flyway_says 8 "'2'" SQL
	forget
	exits 4 "$what: a file that is gone" pgstride up --dir "$folder"
	flyway_says 9 "'2'" DELETE
	exits 0 "$what: may be gone where its row was taken back" pgstride up --dir "$folder"

	# What has no version is known by its description.
	for n in f other; do echo "CREATE VIEW v_$n AS SELECT 1 AS n;" >"$folder/R__$n.sql"; done
	exits 0 "$what: up, with two that have no version" pgstride up --dir "$folder"
	forget
	flyway_says 20 NULL DELETE
	is "$(pending)|$(applied)" 'R__f|1 3 R__other' "$what: a row takes back what it is called by, and nothing else"
}

# --- drizzle: two files with one text ---------------------------------------------------

drizzle_twins() {
	local dialect=$engine empty='-- Custom SQL migration file, put your code below! --'
	[ "$engine" != postgres ] || dialect=postgresql
	folder_new drizzle
	mkdir "$folder/meta"
	echo 'CREATE TABLE d (n int);' >"$folder/0000_a.sql"
	printf '%s\nINSERT INTO d VALUES (1);\n' "$empty" | tee "$folder/0001_b.sql" >"$folder/0002_c.sql"
	jq -n --arg dialect "$dialect" '{version: "7", $dialect, entries: [["0000_a", "0001_b", "0002_c"] | to_entries[] |
		{idx: .key, version: "7", when: (1767225600000 + .key), tag: .value, breakpoints: true}]}' >"$folder/meta/_journal.json"
	exits 0 "$what: up to the first of two" pgstride up --to 0001 --dir "$folder"
	forget
	is "$(pending)" 0002 "$what: the text of one does not stand for the other"
	exits 0 "$what: it runs" pgstride up --dir "$folder"
	is "$(there d)|$(there "$table")" '2|3' "$what: and both have a row"
	exits 0 "$what: one is taken back" pgstride mark 0002 --pending --dir "$folder" --yes
	is "$(applied)|$(there "$table")" '0000 0001|2' "$what: and the other is not"
}

# --- where it stopped, by its own row ---------------------------------------------------

# stopped TABLE VERSION: what the verbs say of it that look, and what those that decide.
stopped() {
	exits 0 "$what, stopped: status" pgstride status --dir "$folder"
	like "$out" 'Database Status: DIRTY' "$what, stopped: status says so"
	like "$out" "^  Look at what is there.*pgstride force $2 where it is applied" "$what, stopped: and the cure"
	unlike "$out" '^[^ ].*stopped in the middle' "$what, stopped: below its line"
	exits 3 "$what, stopped: doctor" pgstride doctor --dir "$folder"
	like "$out" "> pgstride force $2\$" "$what, stopped: doctor names what settles it"
	exits 3 "$what, stopped: repair of it" pgstride repair "$2" --dir "$folder" --yes
	like "$err" "pgstride force $2 where it is applied" "$what, stopped: repair does not know better"
	exits 0 "$what, stopped: repair of another" pgstride repair 1 --dir "$folder" --yes
	exits 0 "$what, stopped: force" pgstride force "$2" --dir "$folder" --yes
	like "$out" "$1 was brought level with it" "$what, stopped: force says what it changed"
	exits 0 "$what, stopped: force again" pgstride force "$2" --dir "$folder" --yes
	like "$out" 'nothing was changed' "$what, stopped: and that it changed nothing"
	exits 0 "$what, stopped: then nothing is half done" pgstride doctor --dir "$folder"
}
pair_stopped() {
	folder_new pair_stopped
	for n in 1 2; do echo "CREATE TABLE s$n (n int);" >"$folder/${n}_s.up.sql"; done
	exits 0 "$what: up" pgstride up --dir "$folder"
	ask 'UPDATE schema_migrations SET dirty = true' >"$tmp/said"
	stopped schema_migrations 2
}
flyway_stopped() {
	folder_new flyway_stopped
	for n in 1 2; do echo "CREATE TABLE s$n (n int);" >"$folder/V${n}__s.sql"; done
	exits 0 "$what: up" pgstride up --dir "$folder"
	ask "UPDATE flyway_schema_history SET success = false WHERE version = '2'" >"$tmp/said"
	stopped flyway_schema_history 2

	# What has no version cannot be named to force.
	echo 'CREATE VIEW again AS SELECT 1 AS n;' >"$folder/R__of_us.sql"
	exits 0 "$what, repeatable: up" pgstride up --dir "$folder"
	ask 'DROP VIEW again' >"$tmp/said"
	ask 'UPDATE flyway_schema_history SET success = false WHERE version IS NULL' >"$tmp/said"
	exits 3 "$what, repeatable: doctor" pgstride doctor --dir "$folder"
	like "$out" '> DELETE FROM .*flyway_schema_history' "$what, repeatable: doctor names what settles it"
	exits 3 "$what, repeatable: it stopped" pgstride up --dir "$folder"
	like "$err" 'contains a failed repeatable migration \("of us"\) !$' "$what, repeatable: in Flyway's words"
	ask "$(sed -n 's/.* flyway repair, or //p' <<<"$err")" >"$tmp/said"
	exits 0 "$what, repeatable: with the statement that is named it runs again" pgstride up --dir "$folder"
	is "$(there again)" 1 "$what, repeatable: as its file is"
}

for engine in postgres sqlite mysql; do
	pair_stopped
	flyway_stopped
	goose_back
	pair_late
	flyway_back
	table=$([ "$engine" != postgres ] || echo drizzle.)__drizzle_migrations
	drizzle_twins
done

# --- popx: fourteen digits that stand for twenty ----------------------------------------

for engine in postgres sqlite mysql; do
	folder_new popx
	for n in 20210101000000000001 20210101000000000002 20220101000000 20220101000000000001; do
		echo "CREATE TABLE x$n (n int);" >"$folder/${n}_x.up.sql"
		echo "DROP TABLE x$n;" >"$folder/${n}_x.down.sql"
	done
	exits 0 "$what: up" pgstride up --layout popx --dir "$folder"
	forget
	ask "DELETE FROM schema_migration WHERE version LIKE '20210101%'" >"$tmp/said"
	ask "INSERT INTO schema_migration (version) VALUES ('20210101000000')" >"$tmp/said"
	popx() { pgstride "$@" --layout popx --dir "$folder"; }
	exits 0 "$what: taken back" popx down --steps 1 --yes
	is "$(rows "SELECT version FROM schema_migration WHERE version LIKE '2022%'")" 20220101000000 "$what: the row of a file of 14 digits stays"
	exits 0 "$what: all the way down" popx down --steps 9 --yes
	is "$(there schema_migration)" 0 "$what: no row is left that stands for one"
	exits 0 "$what: and up again" popx up
	is "$(there x20210101000000000001)$(there x20210101000000000002)" 00 "$what: all of it has run"

	# A newer release has longer versions for what we applied by the short one.
	mv "$folder/20220101000000_x.up.sql" "$folder/20220101000000000002_x.up.sql"
	mv "$folder/20220101000000_x.down.sql" "$folder/20220101000000000002_x.down.sql"
	exits 0 "$what: versions that have become longer" popx status --format json
	is "$(jq '[.result.migrations[] | select(.missing or .state == "pending")] | length' <<<"$out")" 1 "$what: are not run again"
done

finish
