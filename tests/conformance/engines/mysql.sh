# shellcheck shell=bash disable=SC2034,SC2154 # read and set by conform.sh
# engines/mysql.sh: a private MariaDB, or what PGSTRIDE_TEST_MYSQL runs.
own=pgstride_
fault_points='runner_locked history_made fence_taken alone_started alone_sent alone_done step_after
	sweep_started batch_open batch_sent batch_after sweep_done verify_done'
contract_points='alone_started alone_sent alone_done step_after'
down_points='alone_started alone_sent alone_done undo_after'
set_not_null='ALTER TABLE people MODIFY new_email varchar(80) NOT NULL'
sync=both
ddl_stays=yes

engine_start() { start_mysql; }
engine_new() {
	database=$1
	mysql_say "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1 CHARACTER SET utf8mb4"
	url="mysql://root@localhost/$1?socket=$server/s"
}
engine_query() { mysql_say "$1" "$database" | tr '\t' '|'; }
# One digit a table: any server makes a hundred thousand of them.
engine_rows() {
	echo "INSERT INTO people WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9),
		n AS (SELECT 1 + a.i + 10 * b.i + 100 * c.i + 1000 * e.i + 10000 * f.i AS i FROM d a, d b, d c, d e, d f)
		SELECT i, CONCAT('p', i, '@shop') FROM n WHERE i <= $1"
}
engine_tables() {
	engine_query "SELECT CONCAT('table ', TABLE_NAME) FROM information_schema.TABLES
			WHERE TABLE_SCHEMA = '$database' AND TABLE_NAME NOT LIKE 'pgstride%'
		UNION ALL SELECT CONCAT('trigger ', TRIGGER_NAME) FROM information_schema.TRIGGERS
			WHERE TRIGGER_SCHEMA = '$database' ORDER BY 1"
}
