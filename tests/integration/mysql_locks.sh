#!/bin/bash
# The metadata lock of MariaDB, or what PGSTRIDE_TEST_MYSQL runs: whoever waits for it makes all others wait, so
# how long that is has a bound, at the start of a change and at its end.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql
open_shop
begins() {
	"$pgstride_binary" up --yes --dir "$dir" "$@" >"$tmp/run.out" 2>&1 &
	run=$!
}
says() { grep -Eq "$1" "$tmp/run.out"; }
ended() { # STATUS WHAT
	wait "$run"
	is $? "$1" "$2" "$(cat "$tmp/run.out")"
}
cost() { say_shop "SELECT $2 FROM pgstride_steps WHERE version = '$1'"; }
indexes() { say_shop "SELECT COUNT(DISTINCT INDEX_NAME) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = 'shop' AND INDEX_NAME LIKE '$1'"; }

# reader: a session that begins a transaction with a read, and leaves it.
mysql_session reader
reads() { asks reader 'BEGIN; SELECT id FROM big LIMIT 1'; }
leaves() { say reader 'COMMIT;'; }
# Whether a session's statement that begins so is in that state.
is_at() { [ "$(mysql_say "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '$1%' AND STATE = '$2'")" -ge 1 ]; }
# Long enough that somebody can come midway.
say_shop "CREATE TABLE big (id int PRIMARY KEY, n int, t varchar(200)) ENGINE=InnoDB;
	INSERT INTO big WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
	SELECT a.i + 10 * b.i + 100 * c.i + 1000 * e.i + 10000 * f.i, 0, LEFT(REPEAT(RAND(), 9), 150) FROM d a, d b, d c, d e, (SELECT i FROM d LIMIT 6) f"

# --- a reader that comes midway, and goes ------------------------------------------------

# What its author tells how to do nobody asks about.
sees_the_end() { [ -n "$1" ] || pgstride plan --dir "$dir" | grep -q 'at its end it waits for who uses the table by then, and others behind it: for 10 s at most'; }
# midway NAME CLAUSE WHAT: while that is built a reader comes; it goes when the end of the build waits for it.
midway() {
	file "$1_locks" "ALTER TABLE big ADD INDEX $1_a (t), ADD INDEX $1_b (n, t), ADD INDEX $1_c (t, n, id)$2;"
	holds "$3: plan says that its end may wait" sees_the_end "$2"
	begins
	wait_until is_at 'ALTER TABLE big' 'altering table'
	reads
	holds "$3: the end waits for who came midway, and names him" wait_until says 'the end of it waits for table "big", in use by session [0-9]+ root@'
	sleep 1.5
	leaves
	ended 0 'when he goes the build is whole'
	is "$(indexes "$1%") $(cost "$1" tries)" '3 1' 'and was done once'
	is "$(cost "$1" 'stall_ms BETWEEN 1000 AND 12000')" 1 'how long others waited behind it is recorded'
	holds 'and told' says 'CREATE INDEX.* largest stall [0-9]'
}
midway 1 '' 'asked of the server'
midway 2 ', ALGORITHM=INPLACE, LOCK=NONE' 'as its author says'

# --- one who stays -----------------------------------------------------------------------

file 3_locks 'ALTER TABLE big ADD INDEX 3_a (t), ADD INDEX 3_b (n, t), ADD INDEX 3_c (t, n, id);'
begins
wait_until is_at 'ALTER TABLE big' 'altering table'
reads
wait_until says 'the end of it waits'
exits 0 'who comes behind it waits for ten seconds at most' timeout 20 mariadb --no-defaults -uroot -S "$server/s" shop -e 'SELECT id FROM big LIMIT 1'
holds 'then the build gives way, and says what that costs' wait_until says 'was not to be had for the end of it: the work of [0-9.]+ .* is lost, and done again'
leaves
ended 0 'when he has gone it is built'
is "$(indexes '3%') $(cost 3 'tries > 1')" '3 1' 'at a later try'

# --- one who was there before ------------------------------------------------------------

# Sampled for as long as it tries: does anybody wait for the table?
reads
sleep 1.2
file 4_locks 'ALTER TABLE big ADD COLUMN c int;'
begins --lock-patience=2s
waited=0
while kill -0 "$run" 2>/dev/null; do
	! is_at '' 'Waiting for table metadata lock' || waited=$((waited + 1))
	mysql_say 'SELECT id FROM big LIMIT 1' shop >/dev/null
done
ended 5 'who was there for a second is not queued behind'
is "$waited" 0 'nobody ever waits, we neither'
holds 'he is named' says 'in use by session [0-9]+ root@'
leaves
exits 0 'and when he has gone, it is done' up

finish
