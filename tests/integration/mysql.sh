#!/bin/bash
# Migrations on MariaDB, or what PGSTRIDE_TEST_MYSQL runs: from the plan to the last crash.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql
open_shop

# rows TABLE COUNT: fills it with id and n.
rows() {
	say_shop "INSERT INTO $1 (id, n)
		WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
		SELECT 1 + a.i + 10 * b.i + 100 * c.i + 1000 * e.i + 10000 * f.i, 0 FROM d a, d b, d c, d e, d f
		 WHERE a.i + 10 * b.i + 100 * c.i + 1000 * e.i + 10000 * f.i < $2"
}
steps() { say_shop "SELECT COALESCE(manner, '-') FROM pgstride_steps WHERE version = '$1' ORDER BY phase, number" | tr '\n' ' '; }

# --- as written ------------------------------------------------------------------------

file 1_first 'CREATE TABLE users (id int PRIMARY KEY AUTO_INCREMENT, email varchar(60) NOT NULL) ENGINE=InnoDB;
INSERT INTO users (email) VALUES ('"'A;b'"'), ("c""d"); # a comment; with a semicolon
DELIMITER //
CREATE TRIGGER users_low BEFORE INSERT ON users FOR EACH ROW BEGIN
  IF NEW.email IS NOT NULL THEN SET NEW.email = LOWER(NEW.email); END IF;
END//
DELIMITER ;
/*!40000 ALTER TABLE users ADD COLUMN age int NOT NULL DEFAULT 3 */;
ALTER TABLE users ADD INDEX by_email (email) -- the end
;'
exits 0 'a plan is shown' pgstride plan --dir "$dir"
like "$out" 'shop on (MariaDB|MySQL) [0-9.]+' 'of the server that answers'
is "$(say_shop "SHOW TABLES")" '' 'and nothing was made'
exits 0 'it runs' up
like "$err" 'CREATE TABLE users +took ' 'nobody waited for a table that was not there'
is "$(say_shop 'SELECT email FROM users ORDER BY id' | tr '\n' ' ')" 'A;b c"d ' 'the rows are there'
like "$(steps 1)" 'as written - as written .* (NOCOPY|INPLACE), writes allowed' 'how the server did it is recorded'
exits 0 'again there is nothing to do' up
like "$out" 'nothing to apply' 'and it says so'
exits 0 'the history is kept' pgstride status --dir "$dir"
like "$out" '1_first.sql .applied' 'and shown'

# --- what cannot be --------------------------------------------------------------------

file 2_bad 'ALTER TABLE users ADD COLUMN a int;
BEGIN;'
exits 2 'transaction control is refused' up
like "$err" '2_bad.sql:2' 'at its line'
rm "$dir/2_bad.sql"

file 2_midway 'ALTER TABLE users ADD COLUMN a int;

ALTER TABLE users ADD COLUMN a int;
ALTER TABLE users ADD COLUMN b int;'
exits 1 'a statement that fails ends the run' up
like "$err" '2_midway.sql:3' 'at its line'
like "$err" '1060' 'with the number that people look for'
sed -i '3s/a int/c int/' "$dir/2_midway.sql"
exits 0 'mended, it goes on where it stopped' up
is "$(say_shop "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'users' AND COLUMN_NAME IN ('a', 'b', 'c')")" 3 'and does the rest once'

# --- the least harmful way -------------------------------------------------------------

say_shop 'CREATE TABLE big (id int PRIMARY KEY, n int) ENGINE=InnoDB'
rows big 30000
mysql_say "UPDATE innodb_table_stats SET n_rows = 0 WHERE table_name = 'big'; FLUSH TABLES shop.big" # as behind a bulk load
file 3_type 'ALTER TABLE big MODIFY n bigint;'
if mysql_is MySQL || [ -z "${PGSTRIDE_TEST_MYSQL:-}" ]; then # of MariaDB from 11.2 on a copy lets writers go on
	exits 4 'what only a blocking copy can do is refused on a large table' up
	like "$err" '3_type.sql:1' 'at its line'
	like "$err" 'allow:blocks-writers' 'and the words that allow it are said'
	is "$(say_shop "SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_NAME = 'big' AND COLUMN_NAME = 'n'")" int 'nothing was changed'
fi
file 3_type '-- migrate:up allow:blocks-writers:"at night"
ALTER TABLE big MODIFY n bigint;'
exits 0 'with them it runs' up
like "$(steps 3)" 'COPY' 'by a copy'

# --- the metadata lock -----------------------------------------------------------------

# A reader that stays in its transaction; everything that queues behind us would wait.
mysql_session reader
asks reader 'BEGIN; SELECT COUNT(*) FROM big'
file 4_lock 'ALTER TABLE big ADD COLUMN c int;'
"$pgstride_binary" up --yes --dir "$dir" >"$tmp/waits.out" 2>&1 &
waits=$!
wait_until grep -q 'in use by' "$tmp/waits.out"
holds 'while it waits others read on' timeout 20 mariadb --no-defaults -uroot -S "$server/s" shop -e 'SELECT COUNT(*) FROM big'
say reader 'COMMIT;'
wait "$waits"
is $? 0 'it runs when the reader has gone'
like "$(cat "$tmp/waits.out")" 'table "big", in use by session [0-9]+ root@' 'and has said who was in the way'
exits 0 'a second look finds it done' up

asks reader 'BEGIN; SELECT COUNT(*) FROM big'
file 5_lock 'ALTER TABLE big ADD COLUMN d int;'
exits 5 'patience ends' up --lock-patience=300ms
like "$err" 'held by session' 'with the holder'
"$pgstride_binary" up --yes --dir "$dir" >"$tmp/stops.out" 2>&1 &
stops=$!
wait_until grep -q 'in use by' "$tmp/stops.out"
kill -INT "$stops"
wait "$stops"
is $? 75 'Ctrl-C ends the waiting'
hang_up reader
exits 0 'and nothing stays in the way' up

# --- two runners -----------------------------------------------------------------------

file 6_slow 'INSERT INTO users (email) SELECT CONCAT("slow", SLEEP(6));'
"$pgstride_binary" up --yes --dir "$dir" >"$tmp/one.out" 2>&1 &
one=$!
inserting() { [ "$(say_shop "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'INSERT INTO users%'")" = 1 ]; }
wait_until inserting
exits 5 'a second runner is told to wait' up --no-wait
like "$err" 'another run of pgstride' 'for whom'
wait "$one"
is $? 0 'the first one ends well'
is "$(say_shop "SELECT COUNT(*) FROM users WHERE email LIKE 'slow%'")" 1 'and was alone'

# --- killed ----------------------------------------------------------------------------

n=7
for point in alone_started alone_sent alone_done; do
	file "${n}_kill" "ALTER TABLE users ADD COLUMN k$n int, ADD INDEX (email, k$n);"
	dies_at "$point"
	exits 0 "after $point the next run brings it to its end" up
	[ "$point" = alone_started ] || like "$out$err" 'was interrupted' 'and says that it looked'
	is "$(say_shop "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'users' AND COLUMN_NAME = 'k$n'")" 1 'it is there once'
	n=$((n + 1))
done
file "${n}_rows" 'INSERT INTO users (email) VALUES ("once");'
dies_at step_after
exits 0 'rows are not inserted twice' up
is "$(say_shop "SELECT COUNT(*) FROM users WHERE email = 'once'")" 1 'they are there once'

# --- backfills -------------------------------------------------------------------------

say_shop 'CREATE TABLE fill (id int, part varbinary(4), n int, PRIMARY KEY (id, part)) ENGINE=InnoDB;
	ALTER TABLE fill ALTER part SET DEFAULT 0x00ff'
rows fill 9000
n=20
for point in sweep_started batch_open:3 batch_sent:3 batch_after:3 sweep_done verify_done; do
	file "${n}_fill" "-- migrate:expand
ALTER TABLE fill ADD COLUMN done$n int NOT NULL DEFAULT 0;
-- migrate:backfill sync:off batch-time:5ms
UPDATE fill SET n = n + 1, done$n = 1 WHERE done$n = 0;"
	say_shop 'UPDATE fill SET n = 0'
	dies_at "$point"
	exits 0 "after $point the backfill goes on" up
	is "$(say_shop "SELECT MIN(n), MAX(n), MIN(done$n) FROM fill" | tr '\t' ' ')" '1 1 1' 'every row was filled once'
	n=$((n + 1))
done
file 30_again '-- migrate:backfill
UPDATE fill SET n = n + 1 WHERE n < 100;'
exits 4 'rows that would be filled for ever are refused' up
is "$(say_shop 'SELECT MAX(n) FROM fill')" 1 'and none was kept'

file 30_again '-- migrate:backfill
DELETE FROM fill WHERE id > 5000;'
exits 0 'a DELETE is batched' up
is "$(say_shop 'SELECT COUNT(*), MAX(id) FROM fill' | tr '\t' ' ')" '5000 5000' 'to the last row'

file 31_tail '-- migrate:backfill repeat:true
UPDATE fill SET n = 7 WHERE n <> 7 LIMIT 500;'
exits 0 'a statement that its author batches is repeated' up
is "$(say_shop 'SELECT MIN(n), MAX(n) FROM fill' | tr '\t' ' ')" '7 7' 'until it changes nothing'

# A writer at the end of the table never waits for the last batch, nor one between its rows.
say_shop 'CREATE TABLE tail (id int PRIMARY KEY, n int) ENGINE=InnoDB'
rows tail 50
say_shop 'UPDATE tail SET id = id * 10 ORDER BY id DESC'
file 32_tail '-- migrate:backfill sync:off
UPDATE tail SET n = id WHERE n = 0;'
PGSTRIDE_FAULT=batch_open:1:STOP "$root/build/pgstride-faults" up --yes --dir "$dir" >"$tmp/tail.out" 2>&1 &
tail=$!
wait_until grep -q '^State:[[:space:]]*T' "/proc/$tail/status"
holds 'while a batch of all rows is open others are inserted, behind them and between' \
	say_shop 'SET innodb_lock_wait_timeout = 1; INSERT INTO tail VALUES (9999, 1), (255, 1)'
kill -CONT "$tail"
wait "$tail"
is $? 0 'and it goes on'
is "$(say_shop 'SELECT COUNT(*) FROM tail WHERE n = id')" 50 'to the last row'

# --- phases ----------------------------------------------------------------------------

file 40_phases '-- migrate:expand
ALTER TABLE users ADD COLUMN new_email varchar(60);
-- migrate:backfill sync:off
UPDATE users SET new_email = email;
-- migrate:contract
ALTER TABLE users DROP COLUMN email;
-- migrate:down expand
ALTER TABLE users DROP COLUMN new_email;'
exits 0 'up stops before contract' up
is "$(say_shop 'SELECT COUNT(*) FROM users WHERE NOT new_email <=> email')" 0 'with every row filled'
exits 0 'down takes it back' pgstride down --yes --dir "$dir"
is "$(say_shop "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND COLUMN_NAME = 'new_email'")" 0 'to the old shape'
exits 0 'up once more' up
exits 0 'contract finishes' pgstride contract --yes --dir "$dir"
is "$(say_shop "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'users' AND COLUMN_NAME = 'email'")" 0 'the old shape is gone'

# --- a row that is mended while it is looked for ------------------------------------------

# What a session counts, no rollback takes back.
file 80_moods 'CREATE TABLE moods (id int PRIMARY KEY, n int);
DELIMITER //
CREATE TRIGGER moody BEFORE UPDATE ON moods FOR EACH ROW
IF NEW.id = 150 AND COALESCE(@met, 0) < 5 THEN
  SET @met = COALESCE(@met, 0) + 1;
  SIGNAL SQLSTATE "45000" SET MESSAGE_TEXT = "not now";
END IF//
DELIMITER ;'
exits 0 'a table whose trigger has moods' up
rows moods 10000
file 90_moods '-- migrate:backfill sync:off
UPDATE moods SET n = id WHERE n = 0;'
exits 0 'a row fails, five times' up
is "$(say_shop 'SELECT COUNT(*) FROM moods WHERE n = id')" 10000 'every row is filled'
is "$(say_shop "SELECT batches < 100 FROM pgstride_backfills WHERE version = '90'")" 1 'in batches that grew again behind it'

finish
