#!/bin/bash
# standby.sh: readers of a standby count before a strong lock, as if they read here: the
# replay of the lock then meets nobody whom it would cancel or wait for.
. "$(dirname "$0")/../lib.sh"
standby=$(TMPDIR=/tmp mktemp -d)
other=$(TMPDIR=/tmp mktemp -d)
away() {
	"$root/tests/servers/pg.sh" stop "$standby" immediate
	"$root/tests/servers/pg.sh" stop "$other" immediate
	rm -rf "$standby" "$other"
	clean_up
}
trap away EXIT
start_postgres 'autovacuum = off'

new_database shop
sql "CREATE TABLE orders (id int PRIMARY KEY, email text);
     INSERT INTO orders SELECT g, 'e' || g FROM generate_series(1, 1000) g;
     CREATE ROLE watcher LOGIN PASSWORD 'hidden-word'; GRANT pg_read_all_stats TO watcher"
make_gate
"$root/tests/servers/pg.sh" standby "$standby" "$server" 'hot_standby = on' "cluster_name = 'standby1'" \
	'max_standby_streaming_delay = 300ms' >/dev/null || exit 1
there="host=$standby port=5432 user=watcher password=hidden-word dbname=shop"
replayed() { [ "$(PGHOST=$standby sql "SELECT count(*) FROM pg_attribute WHERE attname = 'c$version'")" = 1 ]; }

version=20260101
add_column() {
	version=$((version + 1))
	mkdir -p "$tmp/migrations"
	printf -- '-- migrate:up\nALTER TABLE orders ADD COLUMN c%s text;\n' "$version" >"$tmp/migrations/${version}_step.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
open_report() {
	PGHOST=$standby psql_session report
	say report 'BEGIN; SELECT count(*) FROM orders; SELECT at_gate(); SELECT 1 AS went_well; COMMIT;'
	wait_until there_for_long report at_gate || not_ok 'a report reads on the standby'
}
# For so long that it counts: who is younger than the budget is in nobody's way.
there_for_long() { [ "$(PGHOST=$standby sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1' AND query LIKE '%$2%' AND clock_timestamp() - xact_start > interval '500 ms'")" = 1 ]; }
# The report of before was cancelled, or the standby is late: nothing of it may be left.
end_report() {
	hang_up report
	wait_until replayed || not_ok 'the standby replays the column'
}

# --- the measure itself: without the flag the report dies --------------------------------

open_report
add_column
exits 0 'without --standby: done at once' up
end_report
like "$(cat "$tmp/report.out")" 'conflict with recovery' 'without --standby: the report was cancelled, and we would notice'

# --- with it ---------------------------------------------------------------------------

open_report
add_column
: >"$tmp/.err"
(wait_until grep -q 'held by' "$tmp/.err"; open_gate) &
exits 0 'with --standby: done' up --standby "$there"
like "$err" 'held by pid [0-9]+ postgres@local "report" on standby "standby1": active for' 'with --standby: the report is named, and where it runs'
unlike "$err$out" 'hidden-word' 'with --standby: its password is not'
end_report
unlike "$(cat "$tmp/report.out")" 'conflict with recovery' 'with --standby: the report was not cancelled'
like "$(cat "$tmp/report.out")" '^1$' 'with --standby: it ended well'

PGHOST=$standby psql_session idler
say idler 'BEGIN; SELECT count(*) FROM orders;'
wait_until there_for_long idler orders
add_column
exits 5 'idle on the standby: not ended by --on-blocker' env PGSTRIDE_STANDBY="$there" "$pgstride_binary" up --yes --dir "$tmp/migrations" \
	--on-blocker=terminate-idle:1s --lock-patience 2500ms
like "$err" 'on that standby: SELECT pg_terminate_backend' 'idle on the standby: what can be done, and where'
hang_up idler
exits 0 'gone from the standby: done' up --standby "$there"

# --- it goes away ------------------------------------------------------------------------

pgstride up --yes --dir "$tmp/migrations" --standby "$there" >/dev/null
add_column
psql_session blocker
say blocker 'BEGIN; SELECT count(*) FROM orders;'
wait_until session_is blocker 'idle in transaction'
rm -f "$tmp/err" # of an earlier one
"$pgstride_binary" up --yes --dir "$tmp/migrations" --standby "$there" >"$tmp/out" 2>"$tmp/err" &
going=$!
wait_until grep -q 'held by' "$tmp/err" || not_ok 'away: the run waits' "$(cat "$tmp/err")"
"$root/tests/servers/pg.sh" stop "$standby" fast
say blocker 'COMMIT;'
wait_until grep -q 'standby "standby1" does not answer' "$tmp/err"
like "$(cat "$tmp/err")" 'warning: standby "standby1" does not answer' 'away: it is said'
sleep 1
is "$(sql "SELECT count(*) FROM pg_attribute WHERE attname = 'c$version'")" 0 'away: who reads there is not known, so nothing is locked'
"$root/tests/servers/pg.sh" start "$standby" >/dev/null
wait "$going"
is "$?" 0 'back again: done'
say blocker '\q'
like "$(cat "$tmp/err")" 'standby "standby1" answers again' 'back again: it is said'

# --- who may be one ------------------------------------------------------------------------

add_column
like "$(pgstride plan --dir "$tmp/migrations" --standby "$there" 2>&1)" 'readers of 1 standby are looked at' 'plan says that it is looked at'
like "$(pgstride plan --dir "$tmp/migrations" 2>&1)" '1 standby replays ACCESS EXCLUSIVE locks.*--standby' 'plan says what else would happen'
exits 4 'the primary is no standby' up --standby "$PGSTRIDE_DATABASE"
like "$err" 'it takes writes' 'the primary is no standby: it says so'
exits 6 'nobody there' up --standby "host=/nonexistent dbname=shop user=watcher password=hidden-word"
unlike "$err$out" 'hidden-word' 'nobody there: no password'
"$root/tests/servers/pg.sh" start "$other" >/dev/null
PGHOST=$other PGDATABASE=postgres sql 'CREATE DATABASE shop'
mkdir "$other/2" && "$root/tests/servers/pg.sh" standby "$other/2" "$other" >/dev/null
exits 4 'a standby of another server' up --standby "host=$other/2 port=5432 user=postgres dbname=shop"
like "$err" 'of another server' 'a standby of another server: it says so'
"$root/tests/servers/pg.sh" stop "$other/2" immediate
finish
