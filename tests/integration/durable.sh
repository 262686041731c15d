#!/bin/bash
# durable.sh: migrations of one run do not wait for the disk one by one. A server that dies
# takes back whole ones, from the end, with their records; they are done again; and what
# `up` has ended with, well or not, is there whatever happens to the server then.
# once: what a COMMIT waits for is the same with the extension
. "$(dirname "$0")/../lib.sh"
pg=$root/tests/servers/pg.sh
start_postgres 'autovacuum = off' 'checkpoint_timeout = 1h' 'bgwriter_lru_maxpages = 0'

# From here on nothing reaches the disk but what a COMMIT waits for.
only_commits() { kill -STOP "$(sql "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")"; }

# folder NAME COUNT SUFFIX: that many tables, and a last file that somebody is in the way of.
folder() {
	local number
	mkdir -p "$tmp/$1"
	for number in $(seq 101 $((100 + $2))); do
		echo "-- migrate:up"$'\n'"CREATE TABLE t$number (id bigint PRIMARY KEY, note text);" >"$tmp/$1/${number}_t$3"
		[ "$3" = .sql ] || echo "DROP TABLE t$number;" >"$tmp/$1/${number}_t.down.sql"
	done
	echo "-- migrate:up"$'\n'"ALTER TABLE held ADD COLUMN note text;" >"$tmp/$1/900_held$3"
	[ "$3" = .sql ] || echo 'ALTER TABLE held DROP COLUMN note;' >"$tmp/$1/900_held.down.sql"
}

# in_the_way DATABASE: a session that holds the table until the server dies, or `out_of_it`.
in_the_way() {
	mkfifo "$tmp/$1.hold"
	psql -XAtq -d "$1" <"$tmp/$1.hold" >/dev/null 2>&1 &
	exec 7>"$tmp/$1.hold"
	echo 'BEGIN; LOCK TABLE held IN ACCESS SHARE MODE;' >&7
	wait_until eval '[ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = (SELECT oid FROM pg_class WHERE relname = '"'held'"')")" -gt 0 ]'
}
out_of_it() { exec 7>&-; }

tables() { sql "SELECT count(*) FROM pg_tables WHERE tablename ~ '^t[0-9]'"; }
recorded() { sql "SELECT count(*) FROM pgstride.migrations WHERE version <> '900' AND state = 'contracted'" 2>/dev/null || echo 0; }
have() { [ "$(recorded)" = "$1" ]; }
back() { "$pg" power_cut "$server" && "$pg" start "$server" >/dev/null; }

# begun NAME COUNT SUFFIX: `up` has done all but the last, which waits.
begun() {
	new_database "$1"
	sql 'CREATE TABLE held (id bigint PRIMARY KEY)'
	folder "$@"
	in_the_way "$1"
	only_commits
	rm -f "$tmp/err"
	PGSTRIDE_LAYOUT=$([ "$3" = .sql ] && echo native || echo pair) "$pgstride_binary" up --yes --dir "$tmp/$1" >"$tmp/out" 2>"$tmp/err" 7>&- &
	run=$!
	wait_until have "$2" || not_ok "$1: all but the last are there" "$(cat "$tmp/err")"
}

# --- the server dies under it ----------------------------------------------------------------
for suffix in .sql .up.sql; do
	name=crash${suffix//[.]/_}
	begun "$name" 20 "$suffix"
	back
	out_of_it
	ends "$run" "$name" "$tmp/err"
	wait "$run"
	is "$?" 0 "$name: the server died in the middle, and the same run goes on to the end"
	like "$(cat "$tmp/err")" 'the server has lost steps' "$name: it says that some were lost"
	like "$(cat "$tmp/err")" '[(]0 of 20 are there' "$name: ... and how many: no migration waited for the disk"
	is "$(tables) $(recorded)" '20 20' "$name: every migration is there once, and so is its record"
	is "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'held'::regclass AND attname = 'note'")" 1 "$name: the last one too"
	[ "$suffix" = .sql ] || is "$(sql 'SELECT version, dirty FROM schema_migrations')" '900|f' "$name: golang-migrate's own table says the same"
	back
	is "$(tables) $(recorded)" '20 20' "$name: it has ended, and no death of the server takes anything back"
	exits 0 "$name: nothing is left to do" pgstride up --yes --dir "$tmp/$name"
done

# --- client and server die --------------------------------------------------------------------
begun both 20 .sql
{ kill -9 "$run"; wait "$run"; } 2>/dev/null
back
out_of_it
is "$(tables) $(recorded)" '0 0' 'client and server died: migrations were lost, each with its record'
exits 0 '... and the next up does them again' pgstride up --yes --dir "$tmp/both"
is "$(tables) $(recorded)" '20 20' '... all of them'

# --- every way out is behind the disk -----------------------------------------------------------
new_database failing
sql 'CREATE TABLE held (id bigint PRIMARY KEY)'
folder failing 10 .sql
echo "-- migrate:up"$'\n'"CREATE TABLE t150 (id nonsense);" >"$tmp/failing/150_typo.sql"
only_commits
exits 1 'a migration fails' pgstride up --yes --dir "$tmp/failing"
back
is "$(tables) $(recorded)" '10 10' 'those before it are there, though the server died right after'
is "$(sql "SELECT failed FROM pgstride.migrations WHERE version = '150'")" t '... and that it failed'

begun stopped 10 .sql
kill -TERM "$run" # INT is ignored in the background
ends "$run" 'asked to stop' "$tmp/err"
wait "$run"
is "$?" 75 'asked to stop: exit 75'
out_of_it
back
is "$(tables) $(recorded)" '10 10' 'what it had done by then is there, though the server died right after'

# --- standbys that commits wait for --------------------------------------------------------------
begun standbys 10 .sql
sql 'ALTER SYSTEM SET synchronous_standby_names = absent'
sql 'SELECT pg_reload_conf()' >/dev/null
out_of_it
waits() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")" = 1 ]; }
wait_until waits
holds 'where commits wait for a standby, the end of the run does' waits
is "$(sql "SELECT count(*) FROM pgstride.migrations WHERE state = 'contracted'")" 11 '... all of it is done by then'
holds '... and not said to be' kill -0 "$run"
unlike "$(cat "$tmp/out")" '11 migrations' '... in any line'
sql 'ALTER SYSTEM RESET synchronous_standby_names'
sql 'SELECT pg_reload_conf()' >/dev/null
ends "$run" 'behind a standby' "$tmp/err"
wait "$run"
is "$?" 0 'the standby is there: exit 0'

# --- what a file or a database says of its own commits ----------------------------------------------
new_database own
mkdir "$tmp/own"
echo "SET synchronous_commit TO remote_write; CREATE TABLE first AS SELECT pg_catalog.current_setting('synchronous_commit') AS said;" >"$tmp/own/1_first.up.sql"
echo "CREATE TABLE second AS SELECT s.setting, s.source FROM pg_catalog.pg_settings s WHERE s.name = 'synchronous_commit';" >"$tmp/own/2_second.up.sql"
for file in 1_first 2_second; do echo 'SELECT 1;' >"$tmp/own/$file.down.sql"; done
sql "ALTER DATABASE own SET synchronous_commit TO off"
only_commits
exits 0 'a file that says how its commits wait' pgstride up --yes --dir "$tmp/own"
is "$(sql 'SELECT said FROM first')" remote_write '... is heeded'
back
is "$(sql 'SELECT count(*) FROM second')" 1 'the end waits for the disk in a database whose commits never do'
finish
