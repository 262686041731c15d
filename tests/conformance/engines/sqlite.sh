# shellcheck shell=bash disable=SC2034,SC2154 # read and set by conform.sh
# engines/sqlite.sh: a file, and the library's shell beside pgstride.
own=pgstride_
fault_points='runner_locked history_made fence_taken step_before step_sent step_after
	sweep_started batch_open batch_after sweep_done verify_done'
contract_points='step_before step_sent step_after'
down_points='step_before step_sent undo_after'

engine_start() { :; }
engine_new() {
	file=$tmp/$1.db
	url=sqlite:$file
	sqlite3 "$file" 'PRAGMA journal_mode = WAL' >/dev/null
}
engine_query() { sqlite3 -cmd '.timeout 10000' "$file" "$1"; }
engine_rows() {
	echo "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO people SELECT i, 'p' || i || '@shop' FROM n"
}
engine_tables() {
	engine_query "SELECT type || ' ' || name FROM sqlite_schema
		WHERE name NOT LIKE 'sqlite%' AND tbl_name NOT LIKE 'pgstride%' ORDER BY 1"
}

# engine_small NAME SIZE: an empty database on a disk of that size.
engine_small() {
	mkdir "$tmp/$1.disk"
	mount -t tmpfs -o "size=$2" tmpfs "$tmp/$1.disk" 2>/dev/null || return 1
	trap 'umount -l "$tmp"/*.disk; clean_up' EXIT
	engine_new "$1.disk/shop"
}
engine_roomier() { mount -o "remount,size=$2" "$tmp/$1.disk"; }
engine_gone() {
	umount "$tmp/$1.disk"
	trap clean_up EXIT
}
