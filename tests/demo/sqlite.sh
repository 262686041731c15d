# shellcheck shell=bash disable=SC2154 # sourced by demo.sh, behind lib.sh
# sqlite.sh: the story on SQLite, without any server.
#
# A file with a shop of ROWS customers (default 300,000), two writers and a reader on it.
# pgstride takes the shop's e-mail column through expand, backfill and contract, with a
# kill -9 in the middle. The last lines say what the application felt; exit 0 means: no
# error, no wrong read, nothing lost.
rows=${ROWS:-300000}
sql() { sqlite3 -cmd '.timeout 10000' "$home/shop.db" "$1"; }

# --- the stage -------------------------------------------------------------------------

clean_up() {
	trap - EXIT INT TERM
	# shellcheck disable=SC2046 # a list of words
	kill $(jobs -p) 2>/dev/null || :
	wait 2>/dev/null || :
	rm -rf "$home"
}

open_shop() {
	export PGSTRIDE_DATABASE=sqlite:$home/shop.db
	sqlite3 -cmd ".parameter set :rows $rows" "$home/shop.db" <migrations/demo/shop/shop_sqlite.sql >/dev/null
	note "SQLite $(sql 'SELECT sqlite_version()'), WAL, $(thousands "$rows") customers in $(du -h "$home/shop.db" | cut -f 1), $(thousands "$(sql 'SELECT count(*) FROM orders')") orders of theirs (ON DELETE CASCADE), an index, a view"
}

open_traffic() {
	mkfifo "$home/say"
	build/tests/writers "$home/shop.db" "$rows" 2 <"$home/say" >"$home/traffic" 2>"$home/wrong" &
	traffic=$!
	exec 3>"$home/say"
	wait_for_line ready
	note 'two writers and a reader, each up to 200 times a second, with a busy timeout of 5 s'
}

# --- the obstacle ----------------------------------------------------------------------

swept_percent() {
	sql 'SELECT coalesce(max(100 * rows_done / nullif(rows_total, 0)), 0) FROM pgstride_backfills' 2>/dev/null || echo 0
}

kill_midway() {
	local status=0
	until [ "$(swept_percent)" -ge 45 ]; do
		kill -0 "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	kill -9 "$1" 2>/dev/null || return 0
	wait "$1" 2>/dev/null || status=$?
	note "kill -9 of pgstride, with $(swept_percent) % of the table filled (its status: $status)"
}

# --- the numbers -----------------------------------------------------------------------

verdict() {
	local errors wrong kept
	errors=$(tail -n 1 "$home/traffic" | jq '[.marks[] | .writes.errors + .reads.errors] | add')
	wrong=$(tail -n 1 "$home/traffic" | jq '[.marks[].reads.wrong] | add')
	kept=$(sql "SELECT (SELECT count(email) FROM identities) || ' ' || (SELECT count(*) FROM orders) || ' ' || (SELECT sum(customers) FROM regions)")
	chapter 'What the application felt'
	print_traffic
	echo
	note "integrity_check: $(sql 'PRAGMA integrity_check'), broken foreign keys: $(sql 'SELECT count(*) FROM pragma_foreign_key_check')"
	note 'Contract makes the table again: writers wait for that long, readers do not.'
	echo
	if [ "$errors $wrong $kept" = "0 0 $rows $((rows / 5)) $rows" ]; then
		note "${bold}The shop never closed: 0 errors, 0 wrong reads, every customer and order kept.$plain"
		return 0
	fi
	note "${bold}The shop noticed: $errors errors, $wrong wrong reads; customers, orders and the view's customers: $kept.$plain"
	cat "$home/wrong"
	return 1
}

# --- the story -------------------------------------------------------------------------

home=$(mktemp -d "$PWD/build/demo.XXXXXX")
trap clean_up EXIT
trap 'exit 130' INT TERM

chapter 'A shop'
open_shop
open_traffic
tell 'mark before'
sleep 1

chapter 'What would happen'
typed plan
pgstride plan

chapter 'Expand and backfill, with a kill -9 in the middle'
tell 'mark expand, backfill'
typed up --yes
build/pgstride up --yes &
kill_midway $!
typed status
pgstride status
typed up --yes
pgstride up --yes

chapter 'Contract'
tell 'mark contract'
typed contract --yes
pgstride contract --yes
tell 'mark after'
sleep 1
typed status
pgstride status
echo stop >&3
wait "$traffic"
verdict
