#!/bin/bash
# pg.sh: private PostgreSQL servers for tests, on a Unix socket only.
#
#   pg.sh start DIR [LINE...]   makes a cluster in DIR if there is none, with LINEs in its
#                               postgresql.conf, and starts it; prints a libpq DSN
#   pg.sh standby DIR PRIMARY [LINE...]   the same, streaming from the server in PRIMARY
#   pg.sh stop DIR [MODE]       fast (default), smart or immediate
#   pg.sh power_cut DIR         kills all of it at once
#   pg.sh promote DIR           makes a standby the primary
#   pg.sh sweep LIST            stops every server recorded in the directory LIST
#
# Environment: PGSTRIDE_TEST_PG, the bin directory of the server to use (default: the
# newest installed one); PGSTRIDE_TEST_SERVERS, a directory in which a started server
# is recorded for sweep. As root the server runs as the user postgres, else as the
# caller. Keep DIR short: a socket's path holds 107 bytes.
set -eu

newest_bin() {
	local newest
	newest=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5n | tail -n 1)
	[ -x "$newest/postgres" ] || { echo "pg.sh: no PostgreSQL below /usr/lib/postgresql, run make deps" >&2; exit 1; }
	echo "$newest"
}

if [ "$(id -u)" = 0 ]; then
	as() { (cd / && exec setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups env HOME=/tmp "$@"); }
else
	as() { "$@"; }
fi

# Made aside and renamed: an interrupted initdb leaves nothing that looks finished.
make_cluster() {
	local dir=$1
	shift
	rm -rf "$dir/new"
	mkdir -p "$dir/new"
	chmod 755 "$dir"
	: >>"$dir/log"
	[ "$(id -u)" != 0 ] || chown postgres "$dir" "$dir/new" "$dir/log"
	chmod 700 "$dir/new"
	as "$bin/initdb" -D "$dir/new" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
		{ cat "$dir/initdb.log" >&2; exit 1; }
	{
		printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$dir'" 'port = 5432' \
			'fsync = off' 'shared_buffers = 64MB' 'max_connections = 60' 'max_prepared_transactions = 4' \
			'log_lock_waits = on' "log_line_prefix = '%m [%p] %a '" "timezone = 'UTC'"
		printf '%s\n' "$@"
	} >>"$dir/new/postgresql.conf"
	mv "$dir/new" "$dir/data"
}

# Where no pg_basebackup fits the server (from 16 on), psql makes the copy.
copy_primary() {
	local dir=$1 primary=$2
	as psql -XAtq -h "$primary" -p 5432 -U postgres -d postgres -v ON_ERROR_STOP=1 >/dev/null 2>"$dir/copy.log" <<-SQL
		SELECT pg_backup_start('copy', true);
		\\! cp -a $primary/data $dir/data
		SELECT labelfile FROM pg_backup_stop() \\g $dir/data/backup_label
	SQL
	rm -f "$dir/data/postmaster.pid"
}

# What a standby needs to know; a newer pg_basebackup would say it in words of its own.
follow_primary() {
	local data=$1 conninfo="primary_conninfo = 'host=$2 port=5432 user=postgres application_name=standby1'"
	if [ "$(cut -d. -f1 "$data/PG_VERSION")" -lt 12 ]; then
		printf '%s\n' "standby_mode = 'on'" "recovery_target_timeline = 'latest'" "$conninfo" | as tee "$data/recovery.conf" >/dev/null
	else
		as touch "$data/standby.signal"
		echo "$conninfo" >>"$data/postgresql.conf"
	fi
}

make_standby() {
	local dir=$1 primary=$2 copier
	shift 2
	mkdir -p "$dir"
	chmod 755 "$dir"
	: >>"$dir/log"
	[ "$(id -u)" != 0 ] || chown postgres "$dir" "$dir/log"
	for copier in "$bin" "$(newest_bin)"; do
		[ -x "$copier/pg_basebackup" ] || continue
		[ -d "$dir/data" ] || as "$copier/pg_basebackup" -h "$primary" -p 5432 -U postgres -D "$dir/data" -X stream -c fast 2>"$dir/copy.log" || :
	done
	[ -d "$dir/data" ] || copy_primary "$dir" "$primary"
	follow_primary "$dir/data" "$primary"
	printf '%s\n' "unix_socket_directories = '$dir'" "$@" >>"$dir/data/postgresql.conf"
}

start() {
	mkdir -p "$1"
	local dir
	dir=$(cd "$1" && pwd)
	shift
	[ -f "$dir/data/PG_VERSION" ] || make_cluster "$dir" "$@"
	[ -z "${PGSTRIDE_TEST_SERVERS:-}" ] || echo "$dir" >"$PGSTRIDE_TEST_SERVERS/$$"
	as "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1 ||
		as "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -t 60 -w start >/dev/null 2>&1 ||
		{ tail -n 20 "$dir/log" >&2; exit 1; }
	echo "host=$dir port=5432 user=postgres dbname=postgres"
}

stop() {
	[ ! -f "$1/data/postmaster.pid" ] || as "$bin/pg_ctl" -D "$1/data" -m "${2:-fast}" -t 60 -w stop >/dev/null 2>&1
}

power_cut() {
	local postmaster all
	postmaster=$(head -n 1 "$1/data/postmaster.pid")
	all="$postmaster $(pgrep -P "$postmaster" | tr '\n' ' ')"
	# shellcheck disable=SC2086 # a list of words
	kill -KILL $all 2>/dev/null || :
	# shellcheck disable=SC2086
	while kill -0 $all 2>/dev/null; do sleep 0.05; done
	rm -f "$1/data/postmaster.pid" "$1"/.s.PGSQL.*
}

promote() { as "$bin/pg_ctl" -D "$1/data" -t 60 -w promote >/dev/null; }

sweep() {
	local record dir
	for record in "$1"/*; do
		[ -f "$record" ] || continue
		dir=$(cat "$record")
		stop "$dir" immediate || :
		rm -rf "$dir" "$record"
	done
}

bin=${PGSTRIDE_TEST_PG:-$(newest_bin)}
[ $# -ge 2 ] || { sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2; }
verb=$1
shift
case $verb in
start | stop | power_cut | promote | sweep) "$verb" "$@" ;;
standby) make_standby "$@" && start "$1" ;;
*) echo "pg.sh: no such verb: $verb" >&2; exit 2 ;;
esac
