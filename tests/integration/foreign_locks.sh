#!/bin/bash
# foreign_locks.sh: the locks by which other runners keep each other away keep us away, too:
# we name who holds one, wait for it without being in anybody's way, and hold it ourselves
# while we run their files.
# once: the locks are those of other runners, not of our extension
. "$(dirname "$0")/../lib.sh"
start_postgres
. "$root/tests/runners.sh"
fixtures=$root/tests/fixtures
export FLYWAY_PLACEHOLDERS_OWNER=shop GOOSE_FIXTURE_REGION=us

# --- the engines -------------------------------------------------------------------------

begin() {
	database_new locked
	url=$(url_of locked)
}
tables() {
	case $engine in
	postgres) in_database locked "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema', 'pgstride')" ;;
	mysql) in_database locked "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'locked' AND table_name NOT LIKE 'pgstride%'" ;;
	esac
}
# hold KEY, let_go: its runner is at work.
hold() {
	mkfifo "$tmp/holder"
	case $engine in
	postgres) PGAPPNAME=holder psql -XAtq <"$tmp/holder" >"$tmp/holder.out" & ;;
	mysql) mariadb --no-defaults -uroot -S "$maria/s" -N -B --unbuffered locked <"$tmp/holder" >"$tmp/holder.out" & ;;
	esac
	holder_pid=$!
	exec {holder}>"$tmp/holder"
	case $engine in
	postgres) echo "SELECT pg_advisory_lock($1); SELECT 'held';" ;;
	mysql) echo "SELECT CONCAT('held ', GET_LOCK('$1', 5));" ;;
	esac >&"$holder"
	wait_until grep -q held "$tmp/holder.out"
}
let_go() {
	exec {holder}>&-
	wait $holder_pid
	rm "$tmp/holder"
}
folder_of() { if [ "$engine" = postgres ] || [ "$1" = sqitch ]; then echo "$fixtures/$1"; else echo "$fixtures/$engine/$1"; fi; }

# --- each of them ------------------------------------------------------------------------

# locked FOLDER KEY: while the runner holds its lock, we do not begin.
locked() {
	local folder up what="$engine, $1"
	folder=$(folder_of "$1")
	begin
	hold "$2"
	exits 5 "$what: its runner is at work" pgstride up --dir "$folder" -d "$url" --no-wait
	like "$err" '^Error: database is locked$' "$what: in the known words"
	like "$err" '^ +held by (pid|session) [0-9]+ (postgres|root)@' "$what: with who it is"
	is "$(tables)" 0 "$what: nothing was made"
	# The holder ends when nobody has its pipe open any more.
	(exec {holder}>&- && exec "$pgstride_binary" up --dir "$folder" -d "$url") >"$tmp/up.log" 2>&1 &
	up=$!
	wait_until grep -q 'is at work on this database' "$tmp/up.log"
	holds "$what: who waits, waits" kill -0 $up
	let_go
	ends $up "$what" "$tmp/up.log"
	wait $up
	is $? 0 "$what: it has gone, and we go on"
	hold "$2"
	exits 0 "$what: who only reads asks for no lock" pgstride status --exit-code --dir "$folder" -d "$url"
	let_go
}
# java_hash TEXT: as Java has it.
java_hash() { python3 -c '
import sys
h = 0
for c in sys.argv[1]: h = (h * 31 + ord(c)) % 2**32
print(h - 2**32 if h >= 2**31 else h)' "$1"; }
salted() { python3 -c 'import sys, zlib; print(zlib.crc32(sys.argv[1].replace("|", "\0").encode()) * 1486364155 % 2**32)' "$1"; }

engine=postgres
locked flyway 77433833903597
locked goose 4097083626
locked atlas 2686470616
locked sqitch 75474063
# golang-migrate's program has the path of the address for the database, its library the name.
is "$(salted 'public|schema_migrations|/locked') $(salted 'public|schema_migrations|locked')" '416483738 162241814' 'the keys of golang-migrate'
locked pair 416483738
locked pair 162241814
engine=mysql
locked pair "$(salted locked:schema_migrations)"
locked flyway "Flyway-$(java_hash '`locked`.`flyway_schema_history`')"
locked atlas atlas_migrate_execute
locked sqitch 'sqitch working on locked'

# --- who waits is in nobody's way --------------------------------------------------------

# An index that is built beside the application waits for every snapshot that is open:
# golang-migrate's own second runner, blocked in its lock, made that a deadlock.
engine=postgres
for layout in pair flyway atlas; do
	begin
	mkdir "$tmp/$layout"
	case $layout in
	pair) names='1_a.up.sql 2_b.up.sql' ;;
	flyway) names='V1__a.sql V2__b.sql' ;;
	atlas) names='1_a.sql 2_b.sql' ;;
	esac
	read -r first second <<<"$names"
	echo 'CREATE TABLE t (n int); INSERT INTO t SELECT generate_series(1, 100000);' >"$tmp/$layout/$first"
	echo 'CREATE INDEX CONCURRENTLY t_n ON t (n);' >"$tmp/$layout/$second"
	[ $layout != atlas ] || { sed -i '1i -- atlas:txmode none\n' "$tmp/$layout/$second" && sealed "$tmp/$layout"; }
	for n in 1 2; do
		"$pgstride_binary" up --dir "$tmp/$layout" -d "$url" >"$tmp/two.$n" 2>&1 &
		eval "pid$n=$!"
	done
	# shellcheck disable=SC2154 # set by eval
	for n in 1 2; do
		pid=pid$n
		ends "${!pid}" "two of $layout" "$tmp/two.$n"
		wait "${!pid}"
		is $? 0 "two at once, $layout: number $n ends well"
	done
	is "$(sql "SELECT count(*) FROM pg_index WHERE indexrelid = 't_n'::regclass AND indisvalid")" 1 "two at once, $layout: the index is there, and whole"
done
finish
