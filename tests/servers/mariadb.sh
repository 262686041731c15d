#!/bin/bash
# mariadb.sh: private MariaDB and MySQL servers for tests, on a Unix socket, DIR/s.
#
#   mariadb.sh start DIR [OPTION...]  makes a data directory in DIR if there is none and
#                                     starts mariadbd with OPTIONs; prints a pgstride URL
#   mariadb.sh stop DIR               ends it, cleanly
#   mariadb.sh kill DIR               ends it at once
#   mariadb.sh sweep LIST             stops every server recorded in the directory LIST
#
# Environment: PGSTRIDE_TEST_MYSQL, a command that runs another server than the
# installed one (servers/mysql_sid.sh prints it); PGSTRIDE_TEST_SERVERS, a directory in
# which a started server is recorded for sweep. The user is root, without a password.
# A fresh data directory takes seconds to make, so it is made once, below build/mysql,
# and copied. As root the server runs as nobody. Keep DIR short.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
read -ra server <<<"${PGSTRIDE_TEST_MYSQL:-mariadbd}"

if [ "$(id -u)" = 0 ]; then
	as() { (cd / && exec setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups env HOME=/tmp "$@"); }
	owned() { chown -R "nobody:$(id -g nobody)" "$@"; }
else
	as() { "$@"; }
	owned() { :; }
fi

version() { as "${server[@]}" --version 2>/dev/null; }

# Tables in small files and logs: what a server costs before it does anything. A tmpdir of
# its own: a server that starts deletes the temporary tables of all that share one.
run_server() {
	local dir=$1
	shift
	as "${server[@]}" --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --socket="$dir/s" --pid-file="$dir/pid" --log-error="$dir/log" \
		--skip-networking --skip-name-resolve --innodb-buffer-pool-size=64M --innodb-flush-log-at-trx-commit=0 \
		--innodb-flush-method=nosync --lower-case-table-names=0 "$@"
}

# Made aside and renamed: an interrupted start leaves nothing that looks finished.
make_template() {
	local template=$1 made
	made=$(mktemp -d /tmp/pgsmysql.XXXXXX)
	chmod 755 "$made"
	mkdir "$made/data" "$made/tmp"
	: >"$made/log"
	owned "$made"
	if [[ $(version) != *MariaDB* ]]; then
		run_server "$made" --initialize-insecure --innodb-flush-method=O_DIRECT
	else
		as "${PGSTRIDE_TEST_MYSQL_INSTALL:-mariadb-install-db}" --no-defaults --datadir="$made/data" --tmpdir="$made/tmp" --auth-root-authentication-method=normal \
			--skip-test-db --skip-name-resolve --innodb-log-file-size=16M
	fi >"$made/made.log" 2>&1 || { cat "$made/made.log" "$made/log" >&2; exit 1; }
	mkdir -p "$(dirname "$template")"
	mv "$made/data" "$template.$$" # the disk may be another one; whoever is first stays, others copy it already
	mv -T "$template.$$" "$template" 2>/dev/null || [ -d "$template" ]
	rm -rf "$made" "$template.$$"
}

answers() { mariadb --no-defaults -uroot -S "$1/s" -e 'SELECT 1' >/dev/null 2>&1; }
running() { [ -s "$1/pid" ] && grep -aq -- "--datadir=$1/data" "/proc/$(cat "$1/pid")/cmdline" 2>/dev/null; }

start() {
	local dir template end=$((SECONDS + 60))
	mkdir -p "$1"
	dir=$(cd "$1" && pwd)
	shift
	template=$root/build/mysql/$(version | tr -cs 'A-Za-z0-9.\n' _)
	[ -d "$template" ] || make_template "$template"
	chmod 755 "$dir"
	if [ ! -d "$dir/data" ]; then
		cp -a "$template" "$dir/new"
		mv "$dir/new" "$dir/data"
	fi
	mkdir -p "$dir/tmp"
	: >>"$dir/log"
	owned "$dir"
	[ -z "${PGSTRIDE_TEST_SERVERS:-}" ] || echo "$dir" >"$PGSTRIDE_TEST_SERVERS/$$.mysql"
	run_server "$dir" "$@" >/dev/null 2>&1 </dev/null &
	until answers "$dir"; do
		if [ "$SECONDS" -ge "$end" ] || ! kill -0 $! 2>/dev/null; then
			tail -n 20 "$dir/log" >&2
			exit 1
		fi
		sleep 0.05
	done
	echo "mysql://root@localhost/?socket=$dir/s"
}

end_with() {
	local pid
	running "$2" || return 0
	pid=$(cat "$2/pid")
	kill "-$1" "$pid"
	while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
	rm -f "$2/pid"
}
stop() { end_with TERM "$1"; }
kill_server() { end_with KILL "$1"; }

sweep() {
	local record dir
	for record in "$1"/*.mysql; do
		[ -f "$record" ] || continue
		dir=$(cat "$record")
		kill_server "$dir"
		rm -rf "$dir" "$record"
	done
}

[ $# -ge 2 ] || { sed -n '2,17s/^# \{0,1\}//p' "$0" >&2; exit 2; }
verb=$1
shift
case $verb in
start | stop | sweep) "$verb" "$@" ;;
kill) kill_server "$@" ;;
*) echo "mariadb.sh: no such verb: $verb" >&2; exit 2 ;;
esac
