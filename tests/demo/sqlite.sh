# shellcheck shell=bash disable=SC2034,SC2154 # sourced by demo.sh, behind lib.sh; for shop.sh
# sqlite.sh: the story on SQLite, without any server.
#
# A file with a shop of ROWS customers (default 300,000), two writers and a reader on it.
# pgstride takes the shop's e-mail column through expand, backfill and contract, with a
# kill -9 in the middle. The last lines say what the application felt; exit 0 means: no
# error, no wrong read, nothing lost.
# shellcheck source=tests/demo/shop.sh
. tests/demo/shop.sh
rows=${ROWS:-300000}
home=$(mktemp -d "$PWD/build/demo.XXXXXX")
shop=$home/shop.db writers_note=', with a busy timeout of 5 s'
filled='SELECT coalesce(max(100 * rows_done / nullif(rows_total, 0)), 0) FROM pgstride_backfills'
kept="SELECT (SELECT count(email) FROM identities) || ' ' || (SELECT count(*) FROM orders) || ' ' || (SELECT sum(customers) FROM regions)"
sql() { sqlite3 -cmd '.timeout 10000' "$shop" "$1"; }

shop_start() {
	export PGSTRIDE_DATABASE=sqlite:$shop
	sqlite3 -cmd ".parameter set :rows $rows" "$shop" <migrations/demo/shop/shop_sqlite.sql >/dev/null
	note "SQLite $(sql 'SELECT sqlite_version()'), WAL, $(thousands "$rows") customers in $(du -h "$shop" | cut -f 1), $(thousands "$(sql 'SELECT count(*) FROM orders')") orders of theirs (ON DELETE CASCADE), an index, a view"
}
shop_stop() { :; }

go_on() {
	typed up --yes
	pgstride up --yes
}

proof() {
	local whole broken
	whole=$(sql 'PRAGMA integrity_check') broken=$(sql 'SELECT count(*) FROM pragma_foreign_key_check')
	note "integrity_check: $whole, broken foreign keys: $broken"
	note 'Contract makes the table again: writers wait for that long, readers do not.'
	[ "$whole $broken" = 'ok 0' ]
}

tell_story
