#!/bin/bash
# pods.sh: several pods of one deploy start at once: each migration runs once, whoever is
# killed, and what waits for them goes on when all is applied; and the manifests in
# playbooks/ say only what the command line takes.
. "$(dirname "$0")/../lib.sh"
start_postgres

# --- the manifests -----------------------------------------------------------------------

# Every command line in them, a line each, without the program's name.
command_lines() {
	sed -nE 's/^[ #]*args: \[(.*)\]$/\1/p' "$root"/playbooks/kubernetes/*.yaml | tr -d '",'
	sed -nE 's/^ *- run: pgstride (.*)$/\1/p' "$root"/playbooks/github/*.yaml | sed 's/ >>.*//; s/"\$VERSION"/1/'
}
is "$(command_lines | wc -l)" 9 'the manifests hold nine command lines'
new_database manifests
mkdir "$tmp/manifests"
printf -- '-- migrate:expand\nCREATE TABLE shop (n int);\n-- migrate:contract\nALTER TABLE shop ADD COLUMN m int;\n' >"$tmp/manifests/1_shop.sql"
dsn=$PGSTRIDE_DATABASE
unset PGSTRIDE_DATABASE
cd "$tmp/manifests" || exit 1
mkdir migrations && mv 1_shop.sql migrations
while read -r words; do
	want=0
	case $words in
	status*--dir* | wait*migrations*) want=8 words="${words/30min/1s}" ;; # nothing has run yet
	esac
	read -ra arguments <<<"${words//\/migrations/migrations}"
	[ "$want" -eq 0 ] || exits "$want" "manifest, too early: ${words}" env DSN="$dsn" DB_DSN="$dsn" "$pgstride_binary" "${arguments[@]}"
done < <(command_lines)
while read -r words; do
	read -ra arguments <<<"${words//\/migrations/migrations}"
	exits 0 "manifest: $words" env DSN="$dsn" DB_DSN="$dsn" "$pgstride_binary" "${arguments[@]}"
done < <(command_lines | grep -E '^(migrate|validate|up)'; command_lines | grep -vE '^(migrate|validate|up)')
cd "$root" || exit 1

# --- two at once -------------------------------------------------------------------------

# folder NAME: thirty migrations of golang-migrate, each of which fails when run twice.
folder() {
	mkdir "$tmp/$1"
	for n in {1..30}; do
		echo "CREATE TABLE t$n (n int); INSERT INTO t$n VALUES ($n);" >"$tmp/$1/${n}_t.up.sql"
	done
}
# start POD command...: in the background, with its output in $tmp/POD.log.
start() {
	local pod=$1
	shift
	"$pgstride_binary" "$@" >"$tmp/$pod.log" 2>&1 &
	eval "$pod=$!"
}
# pod_ends POD STATUS WHAT
pod_ends() {
	ends "${!1}" "$3" "$tmp/$1.log"
	wait "${!1}" 2>/dev/null
	is $? "$2" "$3"
}
once() {
	is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+\$' AND relkind = 'r'")" 30 "$1: all are applied"
	is "$(sql 'SELECT count(*), count(DISTINCT version) FROM pgstride.migrations')" '30|30' "$1: each is recorded once"
	is "$(sql 'SELECT version, dirty FROM schema_migrations')" '30|f' "$1: and the other tool's table agrees"
}
folder pods
new_database both
start waits wait --for migrations --timeout 3min --dir "$tmp/pods"
start first migrate up --dir "$tmp/pods"
start second migrate up --dir "$tmp/pods"
start third migrate up --dir "$tmp/pods"
for pod in first second third; do pod_ends $pod 0 "at once: the $pod pod ends well"; done
pod_ends waits 0 'at once: the init container goes on'
once 'at once'
is "$(cat "$tmp"/{first,second,third}.log | grep -c '^  [0-9]*_t.up.sql')" 30 'at once: and ran once'

# --- one is in the midst -----------------------------------------------------------------

new_database midst
make_gate
echo 'SELECT at_gate();' >"$tmp/pods/31_gate.up.sql"
at_gate() { sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE query LIKE '%at_gate%' AND pid <> pg_backend_pid()"; }
start first migrate up --dir "$tmp/pods"
wait_until at_gate
exits 5 'one in the midst: another one that may not wait is refused' pgstride migrate up --dir "$tmp/pods" --no-wait
like "$err" '^Error: database is locked$' 'one in the midst: in the known words'
exits 8 'one in the midst: status knows that it is not done' pgstride status --exit-code --dir "$tmp/pods"
start second migrate up --dir "$tmp/pods"
wait_until grep -q 'held by\|waiting' "$tmp/second.log"
# shellcheck disable=SC2154 # start sets it
kill -KILL "$first"
wait "$first" 2>/dev/null
open_gate
pod_ends second 0 'the first is killed: the second finishes'
is "$(sql 'SELECT count(*), count(DISTINCT version) FROM pgstride.migrations')" '31|31' 'the first is killed: each is recorded once'
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '31|f' "the first is killed: the other tool's table agrees"

finish
