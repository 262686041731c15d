#!/bin/bash
# originals.sh: the runners themselves read the tables that we wrote, find nothing
# pending and go on from there; and we go on from where they stopped.
# once: whose extension is there is nothing that another runner could see
. "$(dirname "$0")/../lib.sh"
start_postgres
fixtures=$root/tests/fixtures
installed=$("$root/tests/originals/install.sh" "$root/build/originals" 2>"$tmp/install.err") || {
	skip 'the originals read our tables' "npm does not get them: $(tail -n 1 "$tmp/install.err")"
	finish
}

# folder_of FIXTURE: a copy of it, to put files in; its name is $folder.
folder_of() {
	folder=$tmp/$1
	rm -rf "$folder"
	cp -r "$fixtures/$1" "$folder"
}
# done_of: how many we take for applied, of how many.
done_of() {
	pgstride status --dir "$folder" --format json "$@" |
		jq -r '.result.migrations | "\(map(select(.state == "contracted")) | length) of \(length)"'
}
has_table() { sql "SELECT to_regclass('$1') IS NOT NULL"; }

# --- dbmate ----------------------------------------------------------------------------

dbmate() {
	"$installed/node_modules/@dbmate/linux-x64/bin/dbmate" --no-dump-schema --migrations-dir "$folder" \
		--url "postgres://postgres@/$PGDATABASE?socket=$server&sslmode=disable" "$@"
}
# another_dbmate VERSION TABLE: one file more in the folder.
another_dbmate() {
	printf -- '-- migrate:up\nCREATE TABLE %s (n int);\n-- migrate:down\nDROP TABLE %s;\n' "$2" "$2" >"$folder/$1_$2.sql"
}

folder_of dbmate
new_database dbmate_second
exits 0 'dbmate: we go first' pgstride up --dir "$folder" --layout dbmate
exits 0 'dbmate: nothing is pending' dbmate status --exit-code
like "$out" 'Applied: 3' 'dbmate: and every file is applied'
exits 0 'dbmate: it runs' dbmate migrate
unlike "$out" 'Applying' 'dbmate: and applies nothing'
another_dbmate 20260104000000 of_dbmate
exits 0 'dbmate: it goes on' dbmate migrate --strict
like "$out" 'Applying: 20260104000000_of_dbmate.sql' 'dbmate: with the next file'
is "$(done_of --layout dbmate)" '4 of 4' 'dbmate: that is not pending for us'
exits 0 'dbmate: nor run again' pgstride up --dir "$folder" --layout dbmate
another_dbmate 20260105000000 of_ours
exits 0 'dbmate: ours is the one after it' pgstride up --dir "$folder" --layout dbmate
exits 0 'dbmate: it takes ours back' dbmate rollback
is "$(has_table of_ours)" f 'dbmate: with what is written in the file'
exits 4 'dbmate: we ask about what it took back' pgstride up --dir "$folder" --layout dbmate
exits 0 'dbmate: and are told that it is gone' pgstride mark 20260105000000 --pending --dir "$folder" --layout dbmate --yes
exits 0 'dbmate: and so it runs again' pgstride up --dir "$folder" --layout dbmate
is "$(has_table of_ours)" t 'dbmate: and is there'

folder_of dbmate
new_database dbmate_two_folders
mkdir "$tmp/second"
mv "$folder"/20260102*.sql "$tmp/second"
both() { dbmate --migrations-dir "$tmp/second" "$@"; }
exits 0 'dbmate: two folders as one' pgstride up --dir "$folder,$tmp/second" --layout dbmate
exits 0 'dbmate: nothing of either is pending' both status --exit-code
like "$out" 'Applied: 3' 'dbmate: and all is applied'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'dbmate: nor for us' pgstride status --dir "$folder,$tmp/second" --layout dbmate --exit-code
exits 4 'dbmate: as native they are two' pgstride status --dir "$folder,$tmp/second"
like "$err" '--layout=dbmate' 'dbmate: and how to say it is told'

folder_of dbmate
new_database dbmate_first
exits 0 'dbmate goes first' dbmate migrate
is "$(done_of --layout dbmate)" '3 of 3' 'dbmate first: nothing is pending for us'
another_dbmate 20260104000000 of_ours
exits 0 'dbmate first: we go on' pgstride up --dir "$folder" --layout dbmate
exits 0 'dbmate first: it has nothing to do' dbmate status --exit-code
exits 0 'dbmate first: we take back what it applied' pgstride down --dir "$folder" --layout dbmate --yes --steps 4
exits 1 'dbmate first: it knows' dbmate status --exit-code
like "$out" 'Pending: 4' 'dbmate first: that all is pending'
exits 0 'dbmate first: and applies all of it' dbmate migrate
is "$(done_of --layout dbmate)" '4 of 4' 'dbmate first: which is so for us too'

# --- drizzle, with a journal and without ---------------------------------------------------

# drizzle PACKAGE: its migrator tells nothing but by what it does.
drizzle() { node "$root/tests/originals/drizzle.js" "$installed" "$1" "$folder" "$server" "$PGDATABASE"; }
rows_of_drizzle() { sql "SELECT count(*) FROM drizzle.__drizzle_migrations"; }
# another_drizzle NUMBER TABLE: one entry more in the journal, a day later each.
another_drizzle() {
	local journal=$folder/meta/_journal.json
	echo "CREATE TABLE \"$2\" (\"n\" integer);" >"$folder/000$1_$2.sql"
	jq ".entries += [{idx: $1, version: \"7\", when: $((1767225600000 + $1 * 86400000)), tag: \"000$1_$2\", breakpoints: true}]" "$journal" >"$tmp/journal"
	cp "$tmp/journal" "$journal"
}
another_drizzle_folder() {
	mkdir "$folder/2026010${1}000000_$2"
	echo "CREATE TABLE \"$2\" (\"n\" integer);" >"$folder/2026010${1}000000_$2/migration.sql"
}

# both_ways PACKAGE FIXTURE ANOTHER NUMBER: NUMBER is the next one of the folder.
both_ways() {
	local package=$1 fixture=$2 another=$3 number=$4
	folder_of "$fixture"
	new_database "${fixture}_second"
	exits 0 "$fixture: we go first" pgstride up --dir "$folder"
	exits 0 "$fixture: it runs" drizzle "$package"
	is "$(rows_of_drizzle)" 2 "$fixture: and applies nothing"
	$another "$number" of_drizzle
	exits 0 "$fixture: it goes on" drizzle "$package"
	is "$(has_table of_drizzle) $(rows_of_drizzle)" 't 3' "$fixture: with the next one"
	is "$(done_of)" '3 of 3' "$fixture: which is not pending for us"
	$another $((number + 1)) of_ours
	exits 0 "$fixture: ours is the one after it" pgstride up --dir "$folder"
	exits 0 "$fixture: which it leaves alone" drizzle "$package"
	is "$(rows_of_drizzle)" 4 "$fixture: as ours to say"

	folder_of "$fixture"
	new_database "${fixture}_first"
	exits 0 "$fixture: it goes first" drizzle "$package"
	is "$(done_of)" '2 of 2' "$fixture first: nothing is pending for us"
	$another "$number" of_ours
	exits 0 "$fixture first: we go on" pgstride up --dir "$folder"
	is "$(has_table of_ours)" t "$fixture first: with the next one"
	exits 0 "$fixture first: it leaves that alone" drizzle "$package"
	is "$(rows_of_drizzle)" 3 "$fixture first: as ours to say"
}
both_ways drizzle-orm drizzle another_drizzle 2
both_ways drizzle-orm-next drizzle-folders another_drizzle_folder 3

# What 0.x has written becomes what 1.0 would make of it, by whom it is met first.
of_0x() {
	new_database "$1"
	sql 'CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)'
	sql "INSERT INTO drizzle.__drizzle_migrations (hash, created_at) VALUES ('another', 1767225600123), ('$(sha256sum <"$folder/20260102000000_paid/migration.sql" | cut -d' ' -f 1)', 5)"
}
renewed() { sql "SELECT string_agg(concat_ws(' ', id, hash, created_at, name, applied_at), ', ' ORDER BY id) FROM drizzle.__drizzle_migrations; SELECT string_agg(concat_ws(' ', column_name, data_type, column_default), ', ' ORDER BY ordinal_position) FROM information_schema.columns WHERE table_name = '__drizzle_migrations'"; }
folder_of drizzle-folders
of_0x theirs
exits 0 'drizzle 1.0 renews a table of 0.x' drizzle drizzle-orm-next
theirs=$(renewed)
of_0x ours
exits 0 'so do we' pgstride adopt --dir "$folder" --yes
is "$(renewed)" "$theirs" 'to the same rows and columns'
exits 0 'and it finds nothing to do' drizzle drizzle-orm-next
is "$(renewed)" "$theirs" 'nor to renew'

finish
