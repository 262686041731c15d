#!/bin/bash
# lib.sh: what a test script needs; source it, it does the cleaning up.
#
#   . "$(dirname "$0")/../lib.sh"
#   start_postgres 'deadlock_timeout = 200ms'     # PGHOST ... now point to it
#   exits 2 'a bad flag is a usage error' pgstride up --no-such-flag
#   like "$err" 'no-such-flag' 'the flag is named'
#   finish
#
# Assertions print the "ok" and "not ok" lines that check.sh counts and go on; `finish`
# ends the script with the status. $tmp is a scratch directory, $root the project.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
tmp=$(mktemp -d)
failures=0
server='' server_major=0
out='' err='' status=0

# The environment of whoever runs the tests decides nothing.
for name in "${!PG@}"; do
	case $name in PGSTRIDE | PGSTRIDE_TEST_*) ;; *) unset "$name" ;; esac
done
unset DSN DB_DSN TALOS_DB_DSN DATABASE_URL
export LC_ALL=C.UTF-8

# Should we be killed, check.sh clears away what is recorded there.
[ -z "${PGSTRIDE_TEST_SERVERS:-}" ] || echo "$tmp" >"$PGSTRIDE_TEST_SERVERS/tmp"

# A test of the extension that was started by hand.
if [ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] && head -n 20 "$0" | grep -q '^# extended'; then
	export PGSTRIDE_TEST_EXTENSION=$root/build/server/lib/postgresql/15/bin
fi

# In the background run the binaries: $! of a function is not the program's.
pgstride_binary=${PGSTRIDE:-$root/build/pgstride}
pgstride() { "$pgstride_binary" "$@"; }
# shellcheck disable=SC2034 # not every test has traffic
traffic_binary=$root/build/tests/traffic

# --- verdicts --------------------------------------------------------------------------

ok() { echo "ok $1"; }
not_ok() {
	echo "not ok $1"
	failures=$((failures + 1))
	shift
	[ $# -eq 0 ] || printf '%s\n' "$@" | head -n 40 | sed 's/^/   /'
}
skip() { echo "skip $1: $2"; }

# is GOT WANT WHAT [MORE to print where it is not]; like TEXT REGEX WHAT; unlike TEXT REGEX WHAT; holds WHAT command...
is() { if [ "$1" = "$2" ]; then ok "$3"; else not_ok "$3" "got:  $1" "want: $2" "${@:4}"; fi; }
like() { if grep -Eq -- "$2" <<<"$1"; then ok "$3"; else not_ok "$3" "nothing like: $2" "in: $1"; fi; }
unlike() { if grep -Eq -- "$2" <<<"$1"; then not_ok "$3" "something like: $2" "in: $1"; else ok "$3"; fi; }
holds() {
	local what=$1 said
	shift
	if said=$("$@" 2>&1); then ok "$what"; else not_ok "$what" "failed: $*" "$said"; fi
}

# keep command...: runs it, keeps $out, $err and $status.
keep() {
	"$@" >"$tmp/.out" 2>"$tmp/.err"
	status=$?
	out=$(tr -d '\0' <"$tmp/.out") err=$(tr -d '\0' <"$tmp/.err")
}

# exits STATUS WHAT command...
exits() {
	local want=$1 what=$2
	shift 2
	keep "$@"
	if [ "$status" -eq "$want" ]; then ok "$what"; else
		not_ok "$what" "ran: $*" "exit $status, want $want" "stdout: $out" "stderr: $err"
	fi
}

# finish: the script's last line.
finish() { exit $((failures > 0)); }

# --- waiting, terminals ----------------------------------------------------------------

# wait_until command...: true as soon as the command is; quiet. A minute is for the slowest
# machine: no verdict hangs on how fast one is.
wait_until() {
	local end=$((SECONDS + 60))
	[[ $1 != [0-9]* ]] || shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# ends PID WHAT FILE: what runs in the background is given three minutes to end; else it is
# told what it has printed in FILE and what the server is at, and it is killed.
ends() {
	local patience=$((SECONDS + 180))
	while kill -0 "$1" 2>/dev/null; do
		[ "$SECONDS" -lt "$patience" ] || {
			not_ok "$2: it ends" "$(tail -n 5 "$3")" "$(grep ^Sig "/proc/$1/status")" \
				"$(sql "SELECT pid, application_name, state, wait_event, clock_timestamp() - query_start, left(query, 100) FROM pg_stat_activity WHERE datname = current_database()")"
			kill -KILL "$1"
		}
		sleep 0.05
	done
}

# in_terminal TYPED command...: on a terminal of its own, with TYPED as its keys.
# $out is what the terminal showed, escape sequences included.
in_terminal() {
	local typed=$1 quoted
	shift
	printf -v quoted '%q ' "$@"
	(printf '%s' "$typed"; sleep "${TERMINAL_SECONDS:-2}") |
		SHELL=/bin/bash script -qec "stty cols 100 rows 30; $quoted" /dev/null >"$tmp/.screen"
	status=${PIPESTATUS[1]}
	out=$(tr -d '\r' <"$tmp/.screen")
}

# exits_in_terminal STATUS WHAT TYPED command...
exits_in_terminal() {
	local want=$1 what=$2
	shift 2
	in_terminal "$@"
	if [ "$status" -eq "$want" ]; then ok "$what"; else
		not_ok "$what" "exit $status, want $want" "screen: $out"
	fi
}

# --- folders ---------------------------------------------------------------------------

# sealed FOLDER: its atlas.sum, as atlas migrate hash writes it.
sealed() {
	local file part all='' sums='' seen="$tmp/seen"
	: >"$seen"
	for file in "$1"/*.sql; do
		printf '%s' "${file##*/}" | cat - "$file" >>"$seen"
		part=$(openssl dgst -sha256 -binary <"$seen" | base64 -w0)
		all+=${file##*/}$part sums+="${file##*/} h1:$part"$'\n'
	done
	printf 'h1:%s\n%s' "$(printf '%s' "$all" | openssl dgst -sha256 -binary | base64 -w0)" "$sums" >"$1/atlas.sum"
}

# --- servers ---------------------------------------------------------------------------

# start_mysql [OPTION...]: a private MariaDB, or what PGSTRIDE_TEST_MYSQL runs, on the
# socket $server/s; OPTIONs are mariadbd's. restart_mysql [OPTION...]: with others.
server_kind=pg
start_mysql() {
	server=$(TMPDIR=/tmp mktemp -d) server_kind=mariadb
	"$root/tests/servers/mariadb.sh" start "$server" "$@" >/dev/null || exit 1
}
restart_mysql() {
	"$root/tests/servers/mariadb.sh" stop "$server"
	"$root/tests/servers/mariadb.sh" start "$server" "$@" >/dev/null || exit 1
}
# start_maria: the same beside a PostgreSQL, on $maria/s. maria_say SQL [DATABASE].
maria=''
start_maria() {
	maria=$(TMPDIR=/tmp mktemp -d)
	"$root/tests/servers/mariadb.sh" start "$maria" >/dev/null || exit 1
}
maria_say() { mariadb --no-defaults -uroot -S "$maria/s" -N -B -e "$1" "${2:-mysql}"; }
# mysql_say SQL [DATABASE]: rows as text, fields apart by tabs.
mysql_say() { mariadb --no-defaults -uroot -S "$server/s" -N -B -e "$1" "${2:-mysql}"; }
# mysql_is PRODUCT: is the server that? The option that turns its TLS off.
mysql_is() {
	local said
	# shellcheck disable=SC2086 # a command and its words
	said=$(${PGSTRIDE_TEST_MYSQL:-mariadbd} --no-defaults --version 2>/dev/null)
	if [[ $said == *MariaDB* ]]; then [ "$1" = MariaDB ]; else [ "$1" = MySQL ]; fi
}
# mysql_spelling: one of what MariaDB and MySQL show differently of how a table was made, on one line; SERIAL is a
# unique key too, which MariaDB leaves to the primary one.
mysql_spelling() {
	sed 's/\\n/ /g; s/) ENGINE=.*/)/; s/int([0-9]*) /int /g; s/tinyint /tinyint(1) /g; s/CURRENT_TIMESTAMP/current_timestamp()/g
		s/DEFAULT '"'0'"'/DEFAULT 0/g; s/`name` text,/`name` text DEFAULT NULL,/; s/, *UNIQUE KEY `id` (`id`)//'
}
mysql_without_tls() { if mysql_is MariaDB; then echo --skip-ssl; else echo --tls-version=; fi; }

# start_mysql_with_replica PORT: start_mysql, listening there too, with a binary log that
# $replica/s can follow. replica_start: it does. replica_say: as mysql_say, there.
start_mysql_with_replica() {
	replica_of=$1 replica=$(TMPDIR=/tmp mktemp -d)
	start_mysql --log-bin=bin --binlog-format=ROW --server-id=1 --skip-networking=0 --bind-address=127.0.0.1 "--port=$1"
	trap '"$root/tests/servers/mariadb.sh" kill "$replica"; rm -rf "$replica"; clean_up' EXIT
	mysql_say "CREATE USER follows IDENTIFIED BY 'it'; GRANT REPLICATION SLAVE ON *.* TO follows"
}
replica_start() {
	local follower=(--server-id=2 --skip-log-bin)
	"$root/tests/servers/mariadb.sh" start "$replica" "${follower[@]}" >/dev/null || exit 1
	if mysql_is MySQL; then # a copy has the other's name
		"$root/tests/servers/mariadb.sh" stop "$replica"
		rm "$replica/data/auto.cnf"
		"$root/tests/servers/mariadb.sh" start "$replica" "${follower[@]}" >/dev/null || exit 1
		replica_say "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = $replica_of, SOURCE_USER = 'follows',
			SOURCE_PASSWORD = 'it', GET_SOURCE_PUBLIC_KEY = 1, SOURCE_LOG_FILE = 'bin.000001', SOURCE_LOG_POS = 4; START REPLICA"
	else
		replica_say "CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = $replica_of, MASTER_USER = 'follows',
			MASTER_PASSWORD = 'it', MASTER_USE_GTID = no, MASTER_LOG_FILE = 'bin.000001', MASTER_LOG_POS = 4; START REPLICA"
	fi
}
replica_say() { mariadb --no-defaults -uroot -S "$replica/s" -N -B -e "$1" "${2:-mysql}"; }

# free_port: of TCP on this machine, for now.
free_port() {
	local port
	for port in $(shuf -i 20000-32000 -n 50); do
		(: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return; }
	done
}

# start_postgres [LINE...]: a private server; LINEs go to its postgresql.conf. With
# PGSTRIDE_TEST_EXTENSION, the bin directory of a server that has our extension, it is
# that one, and every database gets the extension, for everybody.
start_postgres() {
	[ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] || export PGSTRIDE_TEST_PG=$PGSTRIDE_TEST_EXTENSION
	server=$(TMPDIR=/tmp mktemp -d)
	"$root/tests/servers/pg.sh" start "$server" "$@" >/dev/null || exit 1
	export PGHOST=$server PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
	export PGSTRIDE_DATABASE="host=$server port=5432 user=postgres dbname=postgres"
	server_major=$(($(sql 'SHOW server_version_num') / 10000))
	[ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] || extend_databases template1 postgres
}
extend_databases() {
	local database
	for database in "$@"; do
		PGDATABASE=$database sql "CREATE EXTENSION pgstride;
			GRANT USAGE ON SCHEMA pgstride_server TO PUBLIC;
			GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO PUBLIC"
	done
}
# pass_for_cockroach [cockroach|silent-cockroach [OPTION...]]: what stands between us and the server makes it pass for
# CockroachDB (tests/proxy/cockroach.h), in $stand_in; none can be had here. Again: as
# the options now say.
pass_for_cockroach() {
	stand_in=$tmp/stand_in
	mkdir -p "$stand_in"
	PGDATABASE=template1 sql "CREATE SCHEMA IF NOT EXISTS cockroach;
		CREATE OR REPLACE VIEW cockroach.jobs AS
		SELECT pid::bigint AS job_id, 'SCHEMA CHANGE' AS job_type, query AS description, 'running' AS status,
		       'waiting' AS running_status, 0.5 AS fraction_completed
		  FROM pg_stat_activity
		 WHERE state = 'active' AND query ~* '^(CREATE|ALTER|DROP|TRUNCATE)' AND datname = current_database()"
	[ -z "${stand_in_pid:-}" ] || { kill "$stand_in_pid"; wait "$stand_in_pid" 2>/dev/null; }
	rm -f "$stand_in/said" # of the last one, which was ready too
	"$root/build/tests/proxy" "$stand_in" "$server" --as "${@:-cockroach}" >"$stand_in/said" 2>&1 &
	stand_in_pid=$!
	wait_until grep -qx ready "$stand_in/said"
}
restart_postgres() {
	"$root/tests/servers/pg.sh" stop "$server" "${1:-fast}"
	"$root/tests/servers/pg.sh" start "$server" >/dev/null
}
server_log() { cat "$server/log"; }

# since MAJOR WHAT: is the server so new? Else WHAT is skipped, and counted.
since() {
	[ "$server_major" -lt "$1" ] || return 0
	skip "$2" "PostgreSQL $server_major is older than $1"
	return 1
}

# new_database NAME [TEMPLATE]: made afresh, and everything points to it.
new_database() {
	[ "$server_major" -ge 13 ] ||
		PGDATABASE=postgres sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$1'" >/dev/null
	PGDATABASE=postgres sql "DROP DATABASE IF EXISTS \"$1\"$([ "$server_major" -lt 13 ] || echo ' WITH (FORCE)')"
	PGDATABASE=postgres sql "CREATE DATABASE \"$1\" ${2:+TEMPLATE \"$2\"}"
	use_database "$1"
}
use_database() {
	export PGDATABASE=$1
	export PGSTRIDE_DATABASE="host=$server port=5432 user=postgres dbname=$1"
}

# slow_rows TABLE [MILLISECONDS]: changing a row of it takes so long, so that work on it
# is met midway however fast the machine is; full_speed lets what is under way end soon.
slow_rows() {
	rows_take "${2:-0.2}"
	sql "CREATE TRIGGER slowly BEFORE UPDATE ON $1 FOR EACH ROW EXECUTE FUNCTION slowly()"
}
full_speed() { rows_take 0; }
rows_take() {
	sql "CREATE OR REPLACE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql
	     AS 'BEGIN $([ "$1" = 0 ] || echo "PERFORM pg_catalog.pg_sleep($1 / 1000.0);") RETURN NEW; END'"
}

# make_gate: whoever says SELECT at_gate() then is in that statement until open_gate.
make_gate() {
	sql "CREATE TABLE gate (open boolean); INSERT INTO gate VALUES (false); GRANT SELECT ON gate TO PUBLIC;
	     CREATE FUNCTION at_gate() RETURNS void LANGUAGE plpgsql
	     AS 'BEGIN WHILE NOT (SELECT open FROM public.gate) LOOP PERFORM pg_sleep(0.05); END LOOP; END'"
}
open_gate() { sql 'UPDATE gate SET open = true'; }
close_gate() { sql 'UPDATE gate SET open = false'; }

# session_is NAME STATE: that psql_session is in that state, as pg_stat_activity has it.
session_is() { [ "$(sql "SELECT state FROM pg_stat_activity WHERE application_name = '$1'")" = "$2" ]; }

# sql TEXT: unaligned rows, fields apart by |; fails on the first error.
sql() { PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# psql_session NAME: a psql that stays; say NAME TEXT sends it a line, hang_up ends it.
# Used for blockers: an open transaction, a lock held, an idle session.
psql_session() {
	rm -f "$tmp/$1.out" # what an earlier one of that name was told
	mkfifo "$tmp/$1.fifo"
	PGAPPNAME=$1 psql -XAtq <"$tmp/$1.fifo" >"$tmp/$1.out" 2>&1 &
	eval "session_$1_pid=$!; exec {session_$1}>\"$tmp/$1.fifo\""
}
say() {
	local fd=session_$1
	echo "$2" >&"${!fd}"
}
hang_up() {
	local fd=session_$1 pid=session_$1_pid
	eval "exec ${!fd}>&-"
	wait "${!pid}"
	rm -f "$tmp/$1.fifo"
}

# waits: a session here waits for another's transaction, as concurrent builds do.
waiting="FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'virtualxid' AND NOT granted AND datname = current_database()"
waits() { sql "SELECT 1 / count(*) $waiting"; }
cancel_waiting() { sql "SELECT pg_cancel_backend(pid) $waiting" >/dev/null; }

# snapshot_catalog: the same as pg_dump says, on servers that are too new for this one.
snapshot_catalog() { catalog_rows | sort; }
catalog_rows() {
	local user_schemas="nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'pgstride')"
	sql "SELECT c.oid::regclass, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attacl, c.relacl, col_description(c.oid, a.attnum)
	       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND $user_schemas
	       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v')
	       LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
	sql "SELECT k.conrelid::regclass, k.conname, k.convalidated, pg_get_constraintdef(k.oid) FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace AND $user_schemas"
	sql "SELECT pg_get_indexdef(i.indexrelid), i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace AND $user_schemas"
	sql "SELECT pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t WHERE NOT t.tgisinternal"
	sql "SELECT s.seqrelid::regclass, s.seqtypid::regtype, s.seqstart, s.seqincrement, d.refobjid::regclass, d.refobjsubid, d.deptype FROM pg_sequence s LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype IN ('a', 'i') WHERE s.seqrelid::regclass::text NOT LIKE 'pgstride.%'"
	sql "SELECT viewname, definition FROM pg_views WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pgstride')"
}

# snapshot_schema: the user's schema and rows as text, to compare two databases by.
snapshot_schema() {
	if [ "$server_major" -gt "$(pg_dump --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')" ]; then
		snapshot_catalog
	else
		pg_dump --schema-only --no-owner --exclude-schema=pgstride |
			grep -vE '^(--|SET |SELECT pg_catalog|\\(un)?restrict |$)'
	fi
	sql "SELECT format('SELECT %L || count(*) || '' '' || coalesce(md5(string_agg(t::text, '','' ORDER BY t::text)), ''-'') FROM %s t;',
	            c.oid::regclass || ' ', c.oid::regclass)
	       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	      WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pgstride')
	      ORDER BY c.oid::regclass::text" | psql -XAtq -v ON_ERROR_STOP=1
}

# Everything a test started ends with it, whatever ended the test.
clean_up() {
	trap - EXIT
	local pids
	pids=$(jobs -p)
	# shellcheck disable=SC2086 # a list of words
	[ -z "$pids" ] || kill $pids 2>/dev/null
	if [ -n "$server" ]; then
		"$root/tests/servers/$server_kind.sh" stop "$server" immediate
		[ "$failures" -eq 0 ] || [ "$server_kind" != pg ] || { echo "-- the server's last lines"; grep -E '^[0-9]{4}-' "$server/log" | grep -v ' STATEMENT: ' | tail -n 12 | cut -c1-300; }
		rm -rf "$server"
	fi
	if [ -n "$maria" ]; then
		"$root/tests/servers/mariadb.sh" stop "$maria"
		rm -rf "$maria"
	fi
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
