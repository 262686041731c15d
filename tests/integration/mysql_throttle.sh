#!/bin/bash
# What makes a backfill of MariaDB's or MySQL's rest: its own load, a real replica that is behind, the operator.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql_with_replica "$(free_port)"
open_shop
standby="mysql://root@localhost/shop?socket=$replica/s"
# Rows that take their time, so that work on them is met midway however fast the machine is.
say_shop "CREATE TABLE brake (seconds double) ENGINE=InnoDB; INSERT INTO brake VALUES (0.0002);
	CREATE TABLE people (id int PRIMARY KEY, n int) ENGINE=InnoDB;
	INSERT INTO people (id) WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
	SELECT a.i + 10 * b.i + 100 * c.i + 1000 * e.i FROM d a, d b, d c, d e, (SELECT 1 FROM d LIMIT 1) f;
	CREATE TRIGGER slowly BEFORE UPDATE ON people FOR EACH ROW SET @slept = SLEEP((SELECT seconds FROM brake))"
echo '-- migrate:backfill
UPDATE people SET n = id WHERE n IS NULL;' >"$dir/1_fill.sql"

written() { say_shop 'SELECT COALESCE(SUM(rows_done), 0) FROM pgstride_backfills' 2>/dev/null || echo 0; }
goes_on() { [ "$(written)" -gt "$before" ]; }
begins() {
	rm -f "$tmp/err"
	"$pgstride_binary" up --yes --dir "$dir" --batch-time 10ms "$@" >"$tmp/out" 2>"$tmp/err" &
	run=$!
}
# rests WHY WHAT [FLAG...]: a backfill rests for that reason; it goes on where the last one stopped.
rests() {
	local why=$1 what=$2
	shift 2
	begins "$@"
	if wait_until grep -Eq "resting [0-9.]+ m?s: $why" "$tmp/err"; then ok "$what"; else not_ok "$what" "$(cat "$tmp/err")"; fi
}
stands() {
	before=$(written)
	sleep 0.7
	is "$(written)" "$before" "$1"
}
stop() {
	kill -INT "$run"
	wait "$run"
	is "$?" 75 "$1: stops cleanly"
}

# --- the operator ----------------------------------------------------------------------

touch "$tmp/rest"
rests "file \"$tmp/rest\" exists" 'a flag file: it rests, and says which' --throttle-file "$tmp/rest"
stands 'and no batch runs'
rm "$tmp/rest"
holds 'the file is gone: it goes on' wait_until goes_on
stop 'a flag file'

say_shop 'CREATE TABLE stop_now (yes int); INSERT INTO stop_now VALUES (1)'
rests 'the throttle query says 1' 'a query' --throttle-query 'SELECT `yes` FROM stop_now'
say_shop 'DROP TABLE stop_now'
before=$(written)
holds 'one that fails stops nothing' wait_until goes_on
like "$(cat "$tmp/err")" 'the throttle query is not heeded: .*1146' 'and is named'
stop 'a query'
before=$(written)
begins --throttle-query 'DELETE FROM people WHERE id = 9999'
holds 'one that writes stops nothing' wait_until goes_on
is "$(say_shop 'SELECT COUNT(*) FROM people')" 10000 'and changes nothing'
like "$(cat "$tmp/err")" 'is not heeded: .*1792' 'because it may not'
stop 'a query that writes'

rests 'it may take 10 % of the time' 'a share of the time' --max-share 10%
stop 'a share'

# --- the server ------------------------------------------------------------------------

for _ in 1 2; do mariadb --no-defaults -uroot -S "$server/s" -e 'SELECT SLEEP(600)' >/dev/null 2>&1 & done
rests '[2-9] other sessions are active \(limit 1\)' 'sessions at work' --max-active 1
stop 'sessions at work'
for id in $(mysql_say "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(600)'"); do mysql_say "KILL $id"; done

mysql_session reader
asks reader 'START TRANSACTION WITH CONSISTENT SNAPSHOT'
rests 'the old rows of [0-9]+ transactions wait to be purged \(limit 3\)' 'a snapshot that keeps old rows' --max-history 3
stop 'the history list'
hang_up reader

# --- replicas --------------------------------------------------------------------------

exits 4 'the server itself is no replica of it' pgstride up --yes --dir "$dir" --standby "$PGSTRIDE_DATABASE"
like "$err" 'is the server to migrate itself' 'and that is said'
replica_start
follows() { [ "$(replica_say 'SELECT COUNT(*) FROM people' shop 2>/dev/null)" = 10000 ]; }
holds 'a replica follows' wait_until follows
before=$(written)
begins
holds 'nobody named it: nobody looks at it' wait_until goes_on
like "$(cat "$tmp/err")" 'replica lag: 1 replica reads the binary log, and no lag is looked at: name them, --standby URL' 'and that is told'
stop 'a replica nobody named'
exits 0 'a plan' pgstride plan --dir "$dir"
like "$out" 'replica lag: 1 replica reads the binary log' 'tells it too'

replica_say 'STOP REPLICA SQL_THREAD'
rests 'replica .* is .* behind \(limit 300 ms\)' 'one that does not apply what it gets: it rests, and says which and how far' \
	--standby "$standby" --max-lag 300ms
stands 'and no batch runs'
replica_say 'START REPLICA SQL_THREAD'
holds 'it has caught up: it goes on' wait_until goes_on
shows() { grep -Eq 'batch .* · active sessions [0-9]+ · history list [0-9,]+ · replica lag [0-9.]+ m?s' "$tmp/err"; }
holds 'what it goes by is shown' wait_until shows
"$root/tests/servers/mariadb.sh" kill "$replica"
gone() { grep -q 'does not answer: backfills rest until it is known how far it is behind' "$tmp/err"; }
holds 'one that is gone: it rests' wait_until gone
rests_again() { [ "$(sed -n '/does not answer/,$p' "$tmp/err" | grep -c 'resting .* behind')" -gt 1 ]; }
holds 'as far behind as it is silent' wait_until rests_again
stands 'and no batch runs until somebody decides'
say_shop 'UPDATE brake SET seconds = 0'
stop 'a replica that is gone'

# --- few privileges --------------------------------------------------------------------

say_shop 'UPDATE brake SET seconds = 0.0002'
mysql_say "CREATE USER few IDENTIFIED BY 'few'; GRANT ALL ON shop.* TO few; SET GLOBAL log_bin_trust_function_creators = 1"
before=$(written)
PGSTRIDE_DATABASE="mysql://few:few@localhost/shop?socket=$server/s" begins
holds 'an account with few privileges: it works' wait_until goes_on
like "$(cat "$tmp/err")" 'replica lag: not readable .*GRANT PROCESS' 'and is told what it does not see'
if mysql_is MySQL; then like "$(cat "$tmp/err")" 'history list: not readable \(needs PROCESS\)' 'all of it'; fi
say_shop 'UPDATE brake SET seconds = 0'
wait "$run"
is $? 0 'it ends well'
is "$(say_shop 'SELECT COUNT(*) FROM people WHERE n = id')" 10000 'every row is filled, once'

finish
