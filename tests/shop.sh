#!/bin/bash
# shop.sh: what tests of MySQL and MariaDB share: a database "shop", a folder of migrations, and a session that stays.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# open_shop: on the server that start_mysql has started; everything points to it, the folder is $dir.
open_shop() {
	mysql_say 'CREATE DATABASE shop CHARACTER SET utf8mb4'
	export PGSTRIDE_DATABASE="mysql://root@localhost/shop?socket=$server/s"
	dir=$tmp/m
	mkdir "$dir"
}
say_shop() { mysql_say "$1" shop; }
# file NAME TEXT: one more migration.
file() { printf '%s\n' "$2" >"$dir/$1.sql"; }
up() { pgstride up --yes --dir "$dir" "$@"; }
dies_at() { # POINT [VERB]
	PGSTRIDE_FAULT=$1 "$root/build/pgstride-faults" "${2:-up}" --yes --dir "$dir" >"$tmp/died.out" 2>&1
	is $? 137 "killed at $1 of ${2:-up}"
	grep Error: "$tmp/died.out"
}
columns() { say_shop "SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY ORDINAL_POSITION) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = '$1'"; }

# mysql_session NAME [SOCKET]: a client in shop that stays; say and hang_up are those of psql_session.
# asks NAME SQL: says it, and waits for the answer.
mysql_session() {
	mkfifo "$tmp/$1.fifo"
	mariadb --no-defaults -uroot -S "${2:-$server/s}" -N -B -n shop <"$tmp/$1.fifo" >"$tmp/$1.out" 2>&1 &
	eval "session_$1_pid=$!; exec {session_$1}>\"$tmp/$1.fifo\""
}
asked=0
asks() {
	asked=$((asked + 1))
	say "$1" "$2; SELECT 'answer $asked';"
	wait_until grep -qx "answer $asked" "$tmp/$1.out"
}
