#!/bin/bash
# patroni.sh: two PostgreSQL servers under Patroni, for tests of failover.
#
#   patroni.sh start DIR        one etcd and two servers, on ports of 127.0.0.1 that nobody
#                               has; prints a libpq DSN that finds whoever is primary
#   patroni.sh leader DIR       prints the name of the primary: n1 or n2
#   patroni.sh switchover DIR   hands over to the other, as planned
#   patroni.sh kill DIR         SIGKILL to the primary's server: the other takes over
#   patroni.sh stop DIR         stops everything; safe at any time
#
# Patroni and etcd are Debian's packages, unpacked below build/deps and copied to DIR,
# because as root everything runs as the user postgres. Exits 3 where they cannot be had.
# PGSTRIDE_TEST_PG is the bin directory of the server to use.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
[ $# -eq 2 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
mkdir -p "$2"
dir=$(cd "$2" && pwd)
bin=${PGSTRIDE_TEST_PG:-$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5n | tail -n 1)}
packages='patroni etcd-server python3-dateutil python3-six python3-yaml python3-psycopg2 python3-urllib3
	python3-etcd python3-dnspython python3-psutil python3-click python3-prettytable python3-wcwidth'
names='n1 n2'
# What is asked for may be lost with the server that is asked.
patience=60

who=()
[ "$(id -u)" != 0 ] || who=(setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups)
as() { (cd "$dir" && exec "${who[@]}" env HOME="$dir" "$@"); }

# in_background NAME command...: its pid and what it says are kept in DIR.
in_background() {
	local name=$1
	shift
	(cd "$dir" && exec "${who[@]}" env HOME="$dir" setsid "$@") >>"$dir/$name.log" 2>&1 </dev/null &
	echo $! >"$dir/$name.pid"
}
is_gone() { ! lives "$1"; }
lives() { [ -s "$dir/$1.pid" ] && kill -0 "$(cat "$dir/$1.pid")" 2>/dev/null; }

# until_so WHAT command...: bounded; what the daemons said last when it never is.
until_so() {
	local what=$1 end=$((SECONDS + patience))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "patroni.sh: $what"; tail -n 5 "$dir"/*.log; exit 1; } >&2
		sleep 0.1
	done
}

# Nobody listens on any of the ports from here on: two for etcd, then two for each server.
free_base() {
	local base port
	while :; do
		base=$((20000 + RANDOM % 30000))
		for port in 0 1 2 3 4 5; do
			! (exec 3<>"/dev/tcp/127.0.0.1/$((base + port))") 2>/dev/null || continue 2
		done
		echo "$base"
		return
	done
}
server_port() { echo $((base + ${1#n} * 2)); }
rest_port() { echo $((base + ${1#n} * 2 + 1)); }

ask() { psql -XAtq "host=127.0.0.1 port=$(server_port "$1") user=postgres dbname=postgres connect_timeout=2" -c "$2"; }
leader() {
	local name
	for name in $names; do
		[ "$(ask "$name" 'SELECT pg_is_in_recovery()' 2>/dev/null)" != f ] || { echo "$name"; return; }
	done
	return 1
}
is_whole() { [ "$(ask "$(leader)" "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" = 1 ]; }
moved_from() { [ "$(leader)" != "$1" ] && leader; }

write_config() {
	cat >"$dir/$1.yml" <<-YAML
		scope: test
		name: $1
		restapi: {listen: '127.0.0.1:$(rest_port "$1")', connect_address: '127.0.0.1:$(rest_port "$1")'}
		etcd3: {host: '127.0.0.1:$base'}
		bootstrap:
		  dcs:
		    {ttl: 20, loop_wait: 1, retry_timeout: 3, primary_start_timeout: 0, master_start_timeout: 0,
		     postgresql: {use_pg_rewind: true, parameters: {wal_log_hints: 'on', max_connections: 50, fsync: 'off', shared_buffers: 32MB}}}
		  initdb: [{encoding: UTF8}, {locale: C.UTF-8}, {auth: trust}, no-sync]
		postgresql:
		  listen: '127.0.0.1:$(server_port "$1")'
		  connect_address: '127.0.0.1:$(server_port "$1")'
		  data_dir: $dir/$1
		  bin_dir: $bin
		  pgpass: $dir/pgpass-$1
		  pg_hba: ['local all all trust', 'host all all 127.0.0.1/32 trust', 'host replication all 127.0.0.1/32 trust']
		  authentication: {superuser: {username: postgres}, replication: {username: postgres}, rewind: {username: postgres}}
		  parameters: {unix_socket_directories: '$dir'}
	YAML
}

start() {
	local unpacked=$root/build/deps/patroni name suite
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	# shellcheck disable=SC2086 # a list of words
	"$root/client/tools/unpack.sh" "$unpacked" "$suite" $packages >&2 || exit 3
	[ -x "$bin/pg_rewind" ] || { echo "patroni.sh: $bin has no pg_rewind" >&2; exit 3; }
	mkdir -p "$dir/programs"
	cp -r "$unpacked/usr/bin/etcd" "$unpacked/usr/bin/patroni" "$unpacked/usr/lib/python3/dist-packages" "$dir/programs"
	base=$(free_base)
	echo "$base" >"$dir/base"
	chmod 755 "$dir"
	[ "$(id -u)" != 0 ] || chown -R postgres "$dir"
	in_background etcd "$dir/programs/etcd" --name e1 --data-dir "$dir/etcd" --log-level error --unsafe-no-fsync \
		--listen-client-urls "http://127.0.0.1:$base" --advertise-client-urls "http://127.0.0.1:$base" \
		--listen-peer-urls "http://127.0.0.1:$((base + 1))" --initial-advertise-peer-urls "http://127.0.0.1:$((base + 1))" \
		--initial-cluster "e1=http://127.0.0.1:$((base + 1))"
	until_so 'etcd does not answer' bash -c "exec 3<>/dev/tcp/127.0.0.1/$base"
	for name in $names; do
		write_config "$name"
		in_background "$name" env PYTHONPATH="$dir/programs/dist-packages" PYTHONDONTWRITEBYTECODE=1 \
			python3 "$dir/programs/patroni" "$dir/$name.yml"
		until_so 'there is no primary' leader
	done
	until_so 'the standby does not stream' is_whole
	echo "host=127.0.0.1,127.0.0.1 port=$(server_port n1),$(server_port n2) user=postgres dbname=postgres target_session_attrs=read-write connect_timeout=2"
}

# Refused for as long as Patroni has not heard that the standby is well.
hand_over() {
	local body="{\"leader\": \"$1\"}"
	exec 3<>"/dev/tcp/127.0.0.1/$(rest_port "$1")"
	printf 'POST /switchover HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" >&3
	cat <&3
	exec 3>&-
}
handed_over() { moved_from "$1" || { hand_over "$1"; moved_from "$1"; }; }
switchover() {
	local from
	until_so 'the standby does not stream' is_whole
	from=$(leader)
	until_so 'nobody has taken over' handed_over "$from"
}

kill_leader() {
	local from
	until_so 'the standby does not stream' is_whole
	from=$(leader)
	kill -KILL "$(head -n 1 "$dir/$from/postmaster.pid")"
	until_so 'nobody has taken over' moved_from "$from"
}

stop() {
	local name
	for name in $names; do
		! lives "$name" || kill -KILL "$(cat "$dir/$name.pid")"
		[ ! -f "$dir/$name/postmaster.pid" ] || as "$bin/pg_ctl" -D "$dir/$name" -m immediate -t 30 stop >/dev/null 2>&1 || :
	done
	! lives etcd || kill -KILL "$(cat "$dir/etcd.pid")"
	for name in $names etcd; do # who lives yet would write into what is removed next
		! [ -s "$dir/$name.pid" ] || until_so "$name lives" is_gone "$name"
	done
	rm -f "$dir"/*.pid
}

base=$(cat "$dir/base" 2>/dev/null || echo 0)
case $1 in
start | leader | switchover | stop) "$1" ;;
kill) kill_leader ;;
*) echo "patroni.sh: no such verb: $1" >&2 && exit 2 ;;
esac
