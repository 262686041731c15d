#!/bin/bash
# once: concurrent builds take their locks themselves
# index.sh: an index build is stopped in every phase it has: the client killed, its
# session terminated, the server restarted. The next up ends with a valid index, and
# nothing beside it.
. "$(dirname "$0")/../lib.sh"
start_postgres
new_database shop

# The expression of the index stops where the test holds the advisory lock of the
# phase: 1 while the table is scanned, 2 while rows that came meanwhile are.
sql "CREATE TABLE orders (id serial PRIMARY KEY, email text);
     CREATE TABLE other (id int);
     INSERT INTO orders (email) SELECT 'e' || g FROM generate_series(1, 500) g;
     CREATE FUNCTION slow(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS '
     DECLARE gate int := (SELECT CASE phase WHEN ''building index: scanning table'' THEN 1
                                            WHEN ''index validation: scanning table'' THEN 2 END
                            FROM pg_catalog.pg_stat_progress_create_index WHERE pid = pg_catalog.pg_backend_pid());
     BEGIN
         IF gate IS NOT NULL THEN
             PERFORM pg_catalog.pg_advisory_lock_shared(gate);
             PERFORM pg_catalog.pg_advisory_unlock_shared(gate);
         END IF;
         RETURN pg_catalog.lower(\$1);
     END'"

up() { "$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/out" 2>&1; }
phase_is() { sql "SELECT 1 / count(*) FROM pg_stat_progress_create_index WHERE phase LIKE '$1'"; }
reaches() { wait_until phase_is "$1" || not_ok "$what: it reaches that phase" "$(cat "$tmp/out")"; }

# hold NAME STATEMENT: a session that stays in a transaction; free NAME lets it go.
hold() {
	psql_session "$1"
	say "$1" "BEGIN; $2; SELECT 'held';"
	wait_until grep -qx held "$tmp/$1.out"
}
free() {
	say "$1" 'COMMIT;'
	say "$1" '\q' # others have inherited its pipe, which therefore does not end
	hang_up "$1"
}
gate() { hold "$1" "SELECT pg_advisory_xact_lock($2)"; }

# meet PHASE: begins the build and has it wait there; $held are the sessions to free.
meet() {
	held=scan
	case $1 in
	'waiting for writers before build')
		held=writer
		hold writer 'LOCK TABLE orders IN ROW EXCLUSIVE MODE'
		;;
	'waiting for old snapshots')
		held=reader
		hold reader 'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM other'
		;;
	'index validation: scanning table')
		gate scan 1
		gate validate 2
		;;
	*) gate scan 1 ;;
	esac
	up &
	building=$!
	case $1 in
	'waiting for writers before validation')
		reaches 'building index: scanning table'
		hold writer 'LOCK TABLE orders IN ROW EXCLUSIVE MODE'
		free scan
		held=writer
		;;
	'index validation: scanning table')
		reaches 'building index: scanning table'
		sql "SET lock_timeout = '1s'; INSERT INTO orders (email) VALUES ('meanwhile')"
		free scan
		held=validate
		;;
	esac
	reaches "$1"
}

stop_by() {
	case $1 in
	killed)
		kill -KILL "$building"
		wait "$building"
		;;
	terminated) sql "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_create_index" >/dev/null ;;
	restarted) restart_postgres immediate ;;
	esac
} 2>/dev/null

# What is left of the first run ends by itself once nobody is in its way.
goes_on() {
	free "$held" 2>/dev/null
	[ "$1" = killed ] || { wait "$building"; is "$?" 0 "$what: the same run goes on, exit 0"; }
	up
	is "$?" 0 "$what, run again: exit 0"
	is "$(sql "SELECT count(*), bool_and(i.indisvalid AND i.indisready AND i.indislive)
	             FROM pg_index i WHERE i.indrelid = 'orders'::regclass AND NOT indisprimary")" '1|t' "$what: one index, valid"
	is "$(sql "SET enable_seqscan = off; SELECT count(*) FROM orders WHERE slow(email) >= 'a'")" \
		"$(sql 'SELECT count(*) FROM orders')" "$what: it finds every row"
}

# matrix HOW PHASE...
matrix() {
	local how=$1 phase
	shift
	for phase in "$@"; do
		what="$name, $how in \"$phase\""
		"before_$name"
		meet "$phase"
		stop_by "$how"
		goes_on "$how"
	done
}

before_built() {
	sql 'DROP SCHEMA IF EXISTS pgstride CASCADE; DROP INDEX IF EXISTS orders_slow' 2>/dev/null
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	printf -- '-- migrate:up\nCREATE UNIQUE INDEX orders_slow ON orders (slow(email), id);\n' >"$tmp/migrations/20260101_index.sql"
}
before_rebuilt() {
	sql 'DROP SCHEMA IF EXISTS pgstride CASCADE' 2>/dev/null
	printf -- '-- migrate:up\nREINDEX INDEX orders_slow;\n' >"$tmp/migrations/20260101_index.sql"
}

name=built
for how in killed terminated; do
	matrix "$how" 'waiting for writers before build' 'building index: scanning table' \
		'waiting for writers before validation' 'index validation: scanning table' 'waiting for old snapshots'
done
matrix restarted 'building index: scanning table' 'waiting for old snapshots'
name=rebuilt
matrix killed 'building index: scanning table' 'waiting for old snapshots'
matrix terminated 'waiting for old snapshots'
is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'")" 0 'rebuilt: nothing is left beside it'
finish
