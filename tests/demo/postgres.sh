# shellcheck shell=bash disable=SC2154 # sourced by demo.sh, behind lib.sh
# postgres.sh: the story on PostgreSQL.
#
# A private PostgreSQL with a shop of ROWS customers (default 1,000,000) and an application
# on it. pgstride takes the shop's e-mail column through expand, backfill and contract,
# with a long transaction in the way and a kill -9 in the middle. The last lines say
# what the application felt; exit 0 means: no error, no wrong read, no long wait.
rows=${ROWS:-1000000}
budget_ms=100
sql() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

# --- the stage -------------------------------------------------------------------------

# build/demo, unless the user postgres cannot get there or the socket's path is too long.
choose_home() {
	home=$PWD/build/demo
	if [ ${#home} -gt 80 ] || { [ "$(id -u)" = 0 ] && ! setpriv --reuid=postgres --clear-groups test -x "$PWD"; }; then
		home=$(TMPDIR=/tmp mktemp -d)
	fi
	tests/servers/pg.sh stop "$home" immediate || :
	rm -rf "$home"
	mkdir -p "$home"
}

clean_up() {
	trap - EXIT INT TERM
	# shellcheck disable=SC2046 # a list of words
	kill $(jobs -p) 2>/dev/null || :
	wait 2>/dev/null || :
	tests/servers/pg.sh stop "$home" immediate || :
	rm -rf "$home"
}

open_shop() {
	tests/servers/pg.sh start "$home" 'fsync = on' 'shared_buffers = 256MB' 'max_wal_size = 4GB' \
		'deadlock_timeout = 100ms' >/dev/null
	export PGHOST=$home PGPORT=5432 PGUSER=postgres PGDATABASE=shop
	export PGSTRIDE_DATABASE="host=$home port=5432 user=postgres dbname=shop"
	PGDATABASE=postgres sql 'CREATE DATABASE shop'
	psql -Xq -v ON_ERROR_STOP=1 -v rows="$rows" -f migrations/demo/shop/shop.sql
	sql 'CHECKPOINT'
	note "$(sql "SELECT version()" | sed 's/ (.*//; s/ on .*//'), $(thousands "$rows") customers in $(sql "SELECT pg_size_pretty(pg_table_size('identities'))"), 3 indexes, 1 trigger of the shop's own"
}

# The application runs until the end; deploys are lines that it reads and answers.
open_traffic() {
	mkfifo "$home/say"
	build/tests/traffic --clients 8 --rate 400 --rows "$rows" <"$home/say" >"$home/traffic" 2>"$home/wrong" &
	traffic=$!
	exec 3>"$home/say"
	wait_for_line ready
}

# --- the obstacles ---------------------------------------------------------------------

# An open transaction that has read the table: ALTER TABLE cannot have it until it ends.
block() {
	PGAPPNAME=nightly_report psql -XAtq >/dev/null <<-SQL &
		BEGIN;
		SELECT count(*) FROM identities WHERE region = 'eu' AND name = 'Customer number 3';
		SELECT pg_sleep($1);
		COMMIT;
	SQL
	until [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightly_report' AND wait_event = 'PgSleep'")" = 1 ]; do
		sleep 0.05
	done
}

swept_percent() {
	sql "SELECT coalesce(max(100 * position / nullif(end_block, 0)), 0) FROM pgstride.backfills" 2>/dev/null || echo 0
}

kill_midway() {
	until [ "$(swept_percent)" -ge 45 ]; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.1
	done
	kill -9 "$1"
	wait "$1" 2>/dev/null || status=$?
	note "kill -9 of pgstride, with $(swept_percent) % of the table swept (its status: $status)"
}

# --- the numbers -----------------------------------------------------------------------

measure() {
	sql "SELECT pg_current_wal_insert_lsn(), pg_table_size('identities'), n_tup_upd, n_tup_hot_upd
	       FROM pg_stat_user_tables WHERE relname = 'identities'"
}

# print_backfill BEFORE AFTER PAUSE: what measure said, and the seconds nobody worked.
print_backfill() {
	local lsn1 size1 upd1 hot1 lsn2 size2 upd2 hot2 filled seconds
	IFS='|' read -r lsn1 size1 upd1 hot1 <<<"$1"
	IFS='|' read -r lsn2 size2 upd2 hot2 <<<"$2"
	IFS='|' read -r filled seconds <<<"$(sql "SELECT rows_done, extract(epoch FROM finished_at - started_at) - $3 FROM pgstride.backfills")"
	note "rows       $(thousands "$filled") filled in $(printf '%.1f' "$seconds") s: $(thousands "$(sql "SELECT round($filled / $seconds)")") rows/s"
	note "WAL        $(sql "SELECT pg_size_pretty(pg_wal_lsn_diff('$lsn2', '$lsn1'))"), the application's included"
	note "table      $(sql "SELECT pg_size_pretty($size1::bigint) || ' → ' || pg_size_pretty($size2::bigint) || ', ' || round($size2::numeric / $size1, 2) || ' times the size'")"
	note "HOT        $((100 * (hot2 - hot1) / (upd2 - upd1))) % of all updates touched no index"
}

# What each mark of the traffic felt, and all of them together.
print_traffic() {
	tail -n 1 "$home/traffic" | jq -r '
		def row(name): [name, .statements, .errors, .wrong, .p50_ms, .p99_ms, .max_ms];
		(["", "statements", "errors", "wrong", "p50 ms", "p99 ms", "max ms"]),
		(.marks[] | select(.name != "all") | row(.name)),
		row("together") | @tsv' |
		awk -F'\t' 'NR == 1 { printf "  %-18s %10s %7s %7s %8s %8s %8s\n", $1, $2, $3, $4, $5, $6, $7; next }
			{ printf "  %-18s %10d %7d %7d %8.2f %8.2f %8.2f\n", $1, $2, $3, $4, $5, $6, $7 }'
}

# The server's own account: it logs every wait for a lock that is longer than the budget.
long_waits() { grep -cE '\] shop LOG:  process [0-9]+ still waiting' "$home/log" || :; }

verdict() {
	local errors wrong waits
	errors=$(tail -n 1 "$home/traffic" | jq .errors)
	wrong=$(tail -n 1 "$home/traffic" | jq .wrong)
	waits=$(long_waits)
	chapter 'What the application felt'
	print_traffic
	echo
	note "largest stall      $(sql "SELECT round(max(stall_ms)::numeric, 1) FROM pgstride.steps") ms, by pgstride's own account" \
		"waits over $budget_ms ms  $waits, by the server's log of waits for locks"
	echo
	if [ "$errors" = 0 ] && [ "$wrong" = 0 ] && [ "$waits" = 0 ]; then
		note "${bold}The shop never closed: 0 errors, 0 wrong reads, 0 long waits.$plain"
		return 0
	fi
	note "${bold}The shop noticed: $errors errors, $wrong wrong reads, $waits long waits.$plain"
	tail -n 1 "$home/traffic" | jq -c '.failures[]'
	cat "$home/wrong"
	grep -E '\] shop LOG:  process' "$home/log" | head -n 5
	return 1
}

# --- the story -------------------------------------------------------------------------

choose_home
trap clean_up EXIT
trap 'exit 130' INT TERM

chapter 'A shop'
open_shop
open_traffic
note "8 clients, 400 statements a second: reads and writes of email, orders, sign-ups"
tell 'mark before'
sleep 8

chapter 'What would happen'
typed plan
pgstride plan

chapter 'Expand and backfill, with a 6 s report in the way and a kill -9 in the middle'
tell 'mark expand, backfill'
before=$(measure)
block 6
typed up --yes
build/pgstride up --yes &
kill_midway $!
killed=$(date +%s.%N)
typed status
pgstride status
typed up --yes
resumed=$(date +%s.%N)
pgstride up --yes
after=$(measure)

chapter 'Deploy: first code that writes both columns, then code that names only email'
tell 'mark both columns'
tell 'mix both'
sleep 3
tell 'mark email only'
tell 'mix old'
sleep 2
note 'done, without a restart of anything'

chapter 'Contract'
tell 'mark contract'
typed contract --yes
pgstride contract --yes
tell 'mark after'
sleep 3
typed status
pgstride status
echo stop >&3
wait "$traffic"

chapter 'What the backfill cost'
print_backfill "$before" "$after" "$(jq -n "$resumed - $killed")"
verdict
