#!/bin/bash
# Old and new column of MariaDB and MySQL kept level: triggers, the swap, writers all the while, and a death everywhere.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql
open_shop
contract() { pgstride contract --yes --dir "$dir" "$@"; }
row() { say_shop "SELECT COALESCE(email, 'NULL'), COALESCE(new_email, 'NULL') FROM users WHERE id = $1" | tr '\t' ' '; }
triggers() { say_shop "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop' AND TRIGGER_NAME LIKE 'pgstride%'"; }
# users ROWS: the table as the old code knows it, and what the application believes to be in it.
users() {
	say_shop "DROP TABLE IF EXISTS users, believed;
		CREATE TABLE users (id int PRIMARY KEY AUTO_INCREMENT, email varchar(40) NOT NULL, n int NOT NULL DEFAULT 0) ENGINE=InnoDB;
		INSERT INTO users (email)
		WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
		SELECT CONCAT('User', a.i + 10 * b.i + 100 * c.i + 1000 * e.i) FROM d a, d b, d c, d e
		 WHERE a.i + 10 * b.i + 100 * c.i + 1000 * e.i < $1;
		CREATE TABLE believed (id int PRIMARY KEY, email varchar(40) NOT NULL) ENGINE=InnoDB SELECT id, email FROM users"
}
swap='-- migrate:expand
ALTER TABLE users ADD COLUMN new_email varchar(60);
-- migrate:backfill sync:both batch-time:5ms
UPDATE users SET new_email = email WHERE new_email IS NULL;
-- migrate:contract
ALTER TABLE users MODIFY new_email varchar(60) NOT NULL;
ALTER TABLE users DROP COLUMN email;
ALTER TABLE users RENAME COLUMN new_email TO email;'

# --- by values -------------------------------------------------------------------------

users 50
file 1_values "$swap"
exits 0 'a plan is shown' pgstride plan --dir "$dir"
like "$out" 'CREATE TRIGGER `pgstride_1_1_users_update` BEFORE UPDATE' 'with the triggers'
like "$out" 'DROP COLUMN `email`, RENAME COLUMN `new_email` TO `email`' 'and the swap in one statement'
like "$out" 'ADD COLUMN new_email varchar\(60\) +– +INSTANT' 'each change with the way that the server grants'
like "$out" 'ALTER TABLE users MODIFY new_email .* (INPLACE|COPY), writes allowed' 'asked behind those before it'
is "$(say_shop "SHOW TABLES")" 'believed
users' 'on tables that are gone'
exits 0 'up stops before contract' up
is "$(triggers)" 2 'the triggers are there'
say_shop "INSERT INTO users (id, email) VALUES (101, 'old'); INSERT INTO users (id, new_email) VALUES (102, 'new');
	INSERT INTO users (id, email, new_email) VALUES (103, 'a', 'b');
	UPDATE users SET email = 'USER5' WHERE id = 6; UPDATE users SET new_email = 'X' WHERE id = 7;
	UPDATE users SET email = 'c', new_email = 'd' WHERE id = 8; UPDATE users SET n = 1 WHERE id = 9"
is "$(row 101)" 'old old' 'an INSERT of old code fills the new column'
is "$(row 102)" 'new new' 'one of new code the old'
is "$(row 103)" 'a b' 'one of both is left alone'
is "$(row 6)" 'USER5 USER5' 'an UPDATE of the old column is followed, if only its case changes'
is "$(row 7)" 'X X' 'one of the new too'
is "$(row 8)" 'c d' 'one of both is left alone'
exits 0 'down takes it back' pgstride down --yes --dir "$dir"
is "$(triggers) $(columns users)" '0 id,email,n' 'with the triggers'

# Triggers of the application run before ours, whatever they change.
say_shop 'CREATE TRIGGER users_low BEFORE INSERT ON users FOR EACH ROW SET NEW.email = LOWER(NEW.email)'
exits 0 'beside a trigger of the application' up
say_shop "INSERT INTO users (id, email) VALUES (201, 'LOW')"
is "$(row 201)" 'low low' 'what that one wrote is followed'
say_shop "DROP TRIGGER users_low"

# --- somebody drops a trigger ----------------------------------------------------------

say_shop 'DROP TRIGGER pgstride_1_1_users_insert; DROP TRIGGER pgstride_1_1_users_update'
say_shop "INSERT INTO users (id, email) VALUES (301, 'late'); UPDATE users SET email = 'later' WHERE id = 10"
exits 4 'rows that were changed without the triggers are not guessed at' contract
like "$err" 'rows differ that it would have kept level' 'and it is said why'
is "$(triggers) $(columns users)" '0 id,email,n,new_email' 'nothing has changed places'
say_shop "UPDATE users SET new_email = email WHERE id = 10"
exits 0 'when they are mended, the swap makes the triggers again' contract
like "$err" 'made again' 'and says so'
is "$(say_shop "SELECT GROUP_CONCAT(email ORDER BY id) FROM users WHERE id IN (10, 301)")" 'later,late' 'and fills what was inserted'
is "$(triggers) $(columns users)" '0 id,n,email' 'the columns have changed places'

# --- writers, and a death at every step ------------------------------------------------

# writer NUMBER: old code, which knows email alone; each write is told to the table of beliefs in its transaction.
writer() {
	local i=0
	while [ ! -e "$tmp/stop" ]; do
		i=$((i + 1))
		echo "BEGIN; UPDATE users SET email = 'w$1-$i' WHERE id = $((1 + (i * 7919 + $1) % 6000));
			UPDATE believed SET email = 'w$1-$i' WHERE id = $((1 + (i * 7919 + $1) % 6000)); COMMIT;"
		[ $((i % 5)) != 0 ] || echo "BEGIN; INSERT INTO users (email) VALUES ('i$1-$i');
			INSERT INTO believed VALUES (LAST_INSERT_ID(), 'i$1-$i'); COMMIT;"
		[ $((i % 20)) != 0 ] || echo 'DO SLEEP(0.01);'
	done | mariadb --no-defaults -uroot -S "$server/s" -n -f shop >>"$tmp/writer.out" 2>>"$tmp/writer.err"
}
written() { [ "$(say_shop "SELECT COUNT(*) > 20 FROM believed WHERE email LIKE 'w%'")" = 1 ]; }
start_writers() {
	users 6000
	rm -f "$tmp/stop"
	: >"$tmp/writer.err"
	writer 1 &
	writers=$!
	writer 2 &
	writers="$writers $!"
	wait_until written
}
# stop_writers: what they believe is what is there.
stop_writers() {
	touch "$tmp/stop"
	for pid in $writers; do wait "$pid"; done
	is "$(grep -c ERROR "$tmp/writer.err")" 0 'no writer met an error' "$(grep ERROR "$tmp/writer.err" | sed 's/ at line [0-9]*//' | sort | uniq -c)"
	is "$(say_shop 'SELECT COUNT(*) FROM users u LEFT JOIN believed b USING (id) WHERE NOT u.email <=> b.email')" 0 'every row is as its last writer left it'
	is "$(say_shop 'SELECT (SELECT COUNT(*) FROM users) = (SELECT COUNT(*) FROM believed)')" 1 'none is lost'
	is "$(triggers) $(columns users)" '0 id,n,email' 'and the columns have changed places'
}

# Whoever looks at the table, in however short a time, keeps its triggers and columns from
# being changed, and writers must not come in between what was done and what was not.
looks() {
	while [ ! -e "$tmp/stop" ]; do
		echo 'SHOW CREATE TABLE users; SHOW CREATE TABLE users; SHOW COLUMNS FROM users; SHOW CREATE TABLE users;'
	done | mariadb --no-defaults -uroot -S "$server/s" -n -f shop >/dev/null 2>&1
}
start_writers
file 2_swap "$swap"
exits 0 'under writers: up' up
for _ in 1 2 3 4; do
	looks &
	writers="$writers $!"
done
exits 0 'under writers, and others who look at the table: contract' contract
stop_writers

start_writers
file 3_swap "$swap"
for point in alone_started:1 alone_sent:1 alone_started:1 alone_sent:1 alone_done:1 \
	sweep_started batch_open:2 batch_sent:2 batch_after:2 sweep_done verify_done; do
	dies_at "$point"
done
exits 0 'the next run brings it to backfilled' up
is "$(triggers)" 2 'with both triggers'
for point in alone_started:1 alone_done:1 alone_started:1 alone_sent:1; do dies_at "$point" contract; done
exits 0 'and contract to its end' contract
wait_until true
stop_writers
is "$(say_shop "SHOW TABLES LIKE 'pgstride\\_ask%'")" '' 'no table of a question is left'

# --- what cannot be kept level ---------------------------------------------------------

refused() { # refused TEXT LIKE SAYING
	file 9_no "-- migrate:expand
ALTER TABLE users ADD COLUMN x varchar(60);
$1"
	exits 4 "refused: $3" up
	like "$err" "$2" 'with the reason'
	is "$(columns users)" 'id,n,email' 'before anything has changed'
}
refused '-- migrate:backfill
UPDATE users SET x = (SELECT MAX(email) FROM believed);' 'a subquery cannot be kept level' 'a value from other rows'
refused '-- migrate:backfill
UPDATE users SET x = UUID() WHERE x IS NULL;' 'changes by itself' 'a volatile value'
refused '-- migrate:backfill
UPDATE users SET x = email WHERE x IS NULL;' '"x" may be NULL for good' 'NULL that may be meant'
refused '-- migrate:backfill sync:both
UPDATE users SET x = UPPER(email) WHERE x IS NULL;' 'no plain way back' 'a way back that nobody knows'
refused '-- migrate:backfill sync:both
UPDATE users SET x = email WHERE x IS NULL;
-- migrate:contract
ALTER TABLE users DROP COLUMN email, ADD INDEX (x);' 'does more than drop and rename' 'a swap that does more'

# --- asking, killed --------------------------------------------------------------------

# An asker that died has left its table, and nobody holds its lock.
say_shop 'CREATE TABLE pgstride_ask_4000000_1 LIKE users'
file 9_no 'ALTER TABLE users ADD INDEX (n);'
exits 0 'a plan asks again' pgstride plan --dir "$dir"
is "$(say_shop "SHOW TABLES LIKE 'pgstride\\_ask%'")" '' 'and drops what was left'

# --- the binary log --------------------------------------------------------------------

restart_mysql --log-bin=bin --server-id=1
mysql_say "CREATE USER few IDENTIFIED BY 'few'; GRANT ALL ON shop.* TO few"
rm "$dir/9_no.sql"
file 10_log "-- migrate:expand
ALTER TABLE users ADD COLUMN x varchar(60);
-- migrate:backfill sync:both reverse:\"email = LOWER(x)\"
UPDATE users SET x = UPPER(email) WHERE x IS NULL;"
PGSTRIDE_DATABASE="mysql://few:few@localhost/shop?socket=$server/s" exits 4 'an account that may not create triggers is told so' up
like "$err" 'log_bin_trust_function_creators' 'with what an administrator can do'
is "$(columns users)" 'id,n,email' 'before anything has changed'
mysql_say 'SET GLOBAL log_bin_trust_function_creators = 1'
PGSTRIDE_DATABASE="mysql://few:few@localhost/shop?socket=$server/s" exits 0 'when he has, it runs' up
say_shop "UPDATE users SET x = 'THERE' WHERE id = 3"
is "$(say_shop 'SELECT email FROM users WHERE id = 3')" there 'the way back is the one that was said'

# --- the demo --------------------------------------------------------------------------

exits 0 'the demo works' env -u PGSTRIDE_DATABASE ROWS=20000 "$root/tests/demo/demo.sh" mysql
like "$out" 'The shop never closed: 0 errors, 0 wrong reads' 'and says what was felt'

finish
