# shellcheck shell=bash disable=SC2034,SC2154 # sourced by demo.sh, behind lib.sh; for shop.sh
# mysql.sh: the story on MariaDB.
#
# A private server with a shop of ROWS customers (default 200,000), two writers and a
# reader on it. pgstride takes the shop's e-mail column through expand, backfill and
# contract, with a kill -9 in the middle, while one writer knows the old name alone and
# the other for a time the new one. The last lines say what the application felt; exit 0
# means: no error, no wrong read, nothing lost.
# shellcheck source=tests/demo/shop.sh
. tests/demo/shop.sh
rows=${ROWS:-200000}
unset PGSTRIDE_TEST_MYSQL PGSTRIDE_TEST_MYSQL_INSTALL # the installed server
home=$(mktemp -d /tmp/pgsdemo.XXXXXX)
shop=mysql:$home/s/shop writers_note=''
filled='SELECT COALESCE(MAX(100 * rows_done DIV NULLIF(rows_total, 0)), 0) FROM pgstride_backfills'
kept="SELECT CONCAT_WS(' ', (SELECT COUNT(email) FROM identities), (SELECT COUNT(*) FROM orders), (SELECT SUM(customers) FROM regions))"
sql() { mariadb --no-defaults -uroot -S "$home/s" -N -B -e "$1" shop; }

# Every commit is flushed to the disk, as a shop would have it.
shop_start() {
	tests/servers/mariadb.sh start "$home" --innodb-flush-log-at-trx-commit=1 --innodb-flush-method=fsync \
		--innodb-buffer-pool-size=256M --innodb-log-file-size=256M >/dev/null
	export PGSTRIDE_DATABASE="mysql://root@localhost/shop?socket=$home/s"
	mariadb --no-defaults -uroot -S "$home/s" -e 'CREATE DATABASE shop CHARACTER SET utf8mb4'
	mariadb --no-defaults -uroot -S "$home/s" --init-command "SET @rows = $rows" shop <migrations/demo/shop/shop_mysql.sql >/dev/null
	note "MariaDB $(sql "SELECT SUBSTRING_INDEX(VERSION(), '-', 1)"), InnoDB, $(thousands "$rows") customers, $(thousands "$(sql 'SELECT COUNT(*) FROM orders')") orders of theirs (ON DELETE CASCADE), an index, a view"
}
shop_stop() { tests/servers/mariadb.sh kill "$home"; }

go_on() {
	chapter 'Half of the code is deployed that knows the new name alone; the backfill goes on'
	tell 'mark old and new'
	tell 'mix new'
	typed up --yes
	pgstride up --yes
	sleep 1
	tell 'mix old'
	differed=$(sql 'SELECT COUNT(*) FROM identities WHERE NOT new_email <=> email')
}

proof() {
	local said
	said=$(sql 'CHECK TABLE identities, orders' | cut -f 4 | sort -u | paste -sd ' ')
	note "CHECK TABLE: $said, rows whose columns differed before contract: $differed"
	[ "$said $differed" = 'OK 0' ]
}

tell_story
