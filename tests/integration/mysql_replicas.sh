#!/bin/bash
# What a replica of MariaDB's or MySQL's has to say before a table changes, and to doctor: a real one, with readers.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql_with_replica "$(free_port)"
open_shop
replica_start
follows() { [ "$(replica_say "SHOW DATABASES LIKE 'shop'")" = shop ]; }
holds 'the replica follows' wait_until follows
standby="mysql://root@localhost/shop?socket=$replica/s"
go() { pgstride "$@" --dir "$dir"; }
there() { [ "$(replica_say "SHOW COLUMNS FROM people LIKE '$1'" shop 2>/dev/null | wc -l)" = 1 ]; }

# --- readers ---------------------------------------------------------------------------
# Whoever reads there keeps a change from being applied, and behind it everything else.

echo 'CREATE TABLE people (id int PRIMARY KEY, n int); INSERT INTO people VALUES (1, 1)' >"$dir/1_people.sql"
exits 0 'a table that nobody can read yet waits for nobody' go up --yes --standby "$standby"
holds 'the replica has it too' wait_until there n

mysql_session reader "$replica/s"
asks reader 'BEGIN; SELECT COUNT(*) FROM people'
is_old() { [ "$(replica_say 'SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_started < NOW() - INTERVAL 1 SECOND')" -gt 0 ]; }
holds 'somebody reads it there, for longer than a moment' wait_until is_old
echo 'ALTER TABLE people ADD COLUMN late int;' >"$dir/2_late.sql"
exits 5 'a change of that table waits for him' go up --yes --standby "$standby" --lock-patience 500ms
like "$err" 'table "people" was not to be had within 500ms, in 0 tries' 'and is not tried'
like "$err" 'held by session [0-9]+ root@localhost on standby ".+", Sleep, for [0-9]+ s' 'he is named, with his server'
"$pgstride_binary" up --yes --dir "$dir" --standby "$standby" >"$tmp/late.out" 2>"$tmp/late.err" &
late=$!
holds 'who is patient is told for whom he waits' wait_until grep -q 'waiting for table "people", in use by session .* on standby' "$tmp/late.err"
is "$(say_shop "SHOW COLUMNS FROM people LIKE 'late'")" '' 'nothing is changed meanwhile'
say reader 'COMMIT;'
wait "$late"
is $? 0 'and it goes on when he has gone'
holds 'there too' wait_until there late

replica_say "CREATE USER blind IDENTIFIED BY 'it'; GRANT SELECT ON shop.* TO blind"
blind="mysql://blind:it@localhost/shop?socket=$replica/s"
echo 'ALTER TABLE people ADD COLUMN blind int;' >"$dir/3_blind.sql"
exits 6 'an account that may not look there' go up --yes --standby "$blind"
like "$err" 'does not let this account look: ' 'is told so'
like "$err" 'GRANT PROCESS ON \*\.\*.* or leave out its --standby' 'and what helps'
exits 0 'one that was not named nobody asks' go up --yes

# --- doctor ----------------------------------------------------------------------------

doctor_says() { go doctor --standby "$standby" >"$tmp/told" 2>&1 && grep -Eq "^note: standby \".*\" $1" "$tmp/told"; }
holds 'doctor: a replica that has applied everything' wait_until doctor_says 'has applied all that it has received'
exits 0 'doctor: nobody named it' go doctor
like "$out" '^note: replica follows@.* of this server: with --standby URL doctor says how far' 'is told of it'
exits 0 'doctor: an account that may not know' go doctor --standby "$blind"
like "$out" 'how far standby ".*" is behind is hidden \(.*GRANT REPLICATION CLIENT' 'is told what it lacks'
exits 0 'doctor: one that does not answer' go doctor --standby "mysql://root@localhost/shop?socket=$replica/none"
like "$out" '^note: standby ".*" does not answer' 'is no reason to fail'

# It applies nothing while somebody keeps the table; the second after is behind.
mysql_session keeper "$replica/s"
asks keeper 'LOCK TABLES people READ'
say_shop 'UPDATE people SET late = 1'
holds 'doctor: one that is behind, and how far' wait_until doctor_says 'is [0-9]+s behind'
say keeper 'UNLOCK TABLES;'
holds 'doctor: until it has caught up' wait_until doctor_says 'has applied all'
replica_say 'STOP REPLICA SQL_THREAD'
exits 0 'doctor: one that applies nothing' go doctor --standby "$standby" --format json
like "$out" 'does not apply what it receives' 'is told so'
replica_say 'START REPLICA SQL_THREAD; STOP REPLICA IO_THREAD'
exits 0 'doctor: one that is cut off' go doctor --standby "$standby"
like "$out" '^note: standby ".*" receives nothing' 'too'

hang_up keeper # has the reader's pipe too
hang_up reader
finish
