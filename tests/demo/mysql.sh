# shellcheck shell=bash disable=SC2154 # sourced by demo.sh, behind lib.sh
# mysql.sh: the story on MariaDB.
#
# A private server with a shop of ROWS customers (default 200,000), two writers and a
# reader on it. pgstride takes the shop's e-mail column through expand, backfill and
# contract, with a kill -9 in the middle, while one writer knows the old name alone and
# the other for a time the new one. The last lines say what the application felt; exit 0
# means: no error, no wrong read, nothing lost.
rows=${ROWS:-200000}
unset PGSTRIDE_TEST_MYSQL PGSTRIDE_TEST_MYSQL_INSTALL # the installed server
sql() { mariadb --no-defaults -uroot -S "$home/s" -N -B -e "$1" shop; }

# --- the stage -------------------------------------------------------------------------

clean_up() {
	trap - EXIT INT TERM
	# shellcheck disable=SC2046 # a list of words
	kill $(jobs -p) 2>/dev/null || :
	wait 2>/dev/null || :
	tests/servers/mariadb.sh kill "$home" || :
	rm -rf "$home"
}

# Every commit is flushed to the disk, as a shop would have it.
open_shop() {
	tests/servers/mariadb.sh start "$home" --innodb-flush-log-at-trx-commit=1 --innodb-flush-method=fsync \
		--innodb-buffer-pool-size=256M --innodb-log-file-size=256M >/dev/null
	export PGSTRIDE_DATABASE="mysql://root@localhost/shop?socket=$home/s"
	mariadb --no-defaults -uroot -S "$home/s" -e 'CREATE DATABASE shop CHARACTER SET utf8mb4'
	mariadb --no-defaults -uroot -S "$home/s" --init-command "SET @rows = $rows" shop <migrations/demo/shop/shop_mysql.sql >/dev/null
	note "MariaDB $(sql "SELECT SUBSTRING_INDEX(VERSION(), '-', 1)"), InnoDB, $(thousands "$rows") customers, $(thousands "$(sql 'SELECT COUNT(*) FROM orders')") orders of theirs (ON DELETE CASCADE), an index, a view"
}

open_traffic() {
	mkfifo "$home/say"
	build/tests/writers "mysql:$home/s/shop" "$rows" 2 <"$home/say" >"$home/traffic" 2>"$home/wrong" &
	traffic=$!
	exec 3>"$home/say"
	wait_for_line ready
	note 'two writers and a reader, each up to 200 times a second'
}

# --- the obstacle ----------------------------------------------------------------------

swept_percent() {
	local percent
	percent=$(sql 'SELECT COALESCE(MAX(100 * rows_done DIV NULLIF(rows_total, 0)), 0) FROM pgstride_backfills' 2>/dev/null) || :
	echo "${percent:-0}"
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
	kept=$(sql "SELECT CONCAT_WS(' ', (SELECT COUNT(email) FROM identities), (SELECT COUNT(*) FROM orders), (SELECT SUM(customers) FROM regions))")
	chapter 'What the application felt'
	print_traffic
	echo
	note "CHECK TABLE: $(sql 'CHECK TABLE identities, orders' | cut -f 4 | sort -u | paste -sd ' '), rows whose columns differed before contract: $differed"
	echo
	if [ "$errors $wrong $differed $kept" = "0 0 0 $rows $((rows / 5)) $rows" ]; then
		note "${bold}The shop never closed: 0 errors, 0 wrong reads, every customer and order kept.$plain"
		return 0
	fi
	note "${bold}The shop noticed: $errors errors, $wrong wrong reads, $differed that differ; customers, orders and the view's customers: $kept.$plain"
	cat "$home/wrong"
	return 1
}

# --- the story -------------------------------------------------------------------------

home=$(mktemp -d /tmp/pgsdemo.XXXXXX)
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

chapter 'Half of the code is deployed that knows the new name alone; the backfill goes on'
tell 'mark old and new'
tell 'mix new'
typed up --yes
pgstride up --yes
sleep 1
tell 'mix old'
differed=$(sql 'SELECT COUNT(*) FROM identities WHERE NOT new_email <=> email')

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
