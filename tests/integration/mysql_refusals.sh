#!/bin/bash
# What is refused on MariaDB, or what PGSTRIDE_TEST_MYSQL runs, before anything has changed: with the reason and the way on.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
start_mysql --log-bin=bin --server-id=1 --binlog-format=STATEMENT
open_shop
tables() { say_shop "SELECT GROUP_CONCAT(TABLE_NAME ORDER BY TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME NOT LIKE 'pgstride%'"; }
# refused TABLE LIKE SAYING: up is, at that line, and the table is as it was.
refused() {
	local before
	before=$(columns "$1")
	exits 4 "refused: $3" up
	like "$err" "$2" 'with the reason'
	is "$(columns "$1")" "$before" 'before anything has changed'
}

# --- backfills that could not be -------------------------------------------------------

say_shop 'CREATE TABLE people (id int PRIMARY KEY, email varchar(40)) ENGINE=InnoDB; INSERT INTO people VALUES (1, "a"), (2, "b")'
fills() { file "$1" "-- migrate:expand
ALTER TABLE $2 ADD COLUMN x varchar(60);
-- migrate:backfill $3
UPDATE $2 SET x = email WHERE x IS NULL;
-- migrate:contract
ALTER TABLE $2 MODIFY x varchar(60) NOT NULL;"; }
fills 1_people people sync:off
refused people 'this server logs statements .binlog_format=STATEMENT' 'a log of statements'
like "$err" "SET GLOBAL binlog_format = 'ROW'" 'and what changes it'
restart_mysql --log-bin=bin --server-id=1 --binlog-format=ROW
exits 0 'with rows in the log it runs' up
say_shop 'INSERT INTO people (id, email) VALUES (3, "late"), (4, "later")'
exits 4 'contract looks again where nothing kept the columns level' pgstride contract --yes --dir "$dir"
like "$err" '1_people.sql:6: 2 rows of "people" have no x' 'and counts the rows'
say_shop 'UPDATE people SET x = email WHERE x IS NULL'
exits 0 'filled, it goes on' pgstride contract --yes --dir "$dir"

say_shop 'CREATE TABLE keyless (id int, email varchar(40)) ENGINE=InnoDB; CREATE TABLE flat (id int PRIMARY KEY, email varchar(40)) ENGINE=MyISAM'
fills 2_no keyless sync:off
refused keyless '2_no.sql:4: the table has no key' 'a table without a key'
fills 2_no flat sync:off
refused flat '2_no.sql:4: .*no transactions' 'a table without transactions'

# --- foreign keys that write -----------------------------------------------------------

say_shop 'CREATE TABLE shops (name varchar(40) PRIMARY KEY) ENGINE=InnoDB;
	CREATE TABLE staff (id int PRIMARY KEY, email varchar(40) NOT NULL,
		CONSTRAINT staff_shop FOREIGN KEY (email) REFERENCES shops (name) ON UPDATE CASCADE) ENGINE=InnoDB'
fills 2_no staff ''
refused staff 'sync cannot use "email": foreign key "staff_shop" \(ON UPDATE CASCADE\) changes it' 'a column that cascades change'
fills 2_no staff 'allow:sync-cascade:"shops keep their names"'
exits 0 'with the words for it' up
exits 0 'to its end' pgstride contract --yes --dir "$dir"

# --- several tables in one DROP --------------------------------------------------------

say_shop 'CREATE TABLE one (id int); CREATE TABLE two (id int)'
file 3_drop 'DROP TABLE one, three, two;'
exits 1 'a DROP of several, one of them is missing' up
like "$err" '3_drop.sql:1' 'at its line'
like "$err" 'three' 'by its name'
if mysql_is MariaDB; then
	unlike "$(tables)" 'one' 'what is gone is gone'
	like "$err" 'partial at 1/3' 'and said'
else
	like "$(tables)" 'one' 'nothing is gone'
fi
like "$(tables)" 'two' 'what comes behind is there'
say_shop 'CREATE TABLE three (id int)'
exits 0 'mended, it goes on' up
unlike "$(tables)" 'one|two|three' 'and all are gone'

# --- rows that share what is to be unique ----------------------------------------------

say_shop 'CREATE TABLE mails (id int, email varchar(40), raw varbinary(16), text text) ENGINE=InnoDB;
	INSERT INTO mails VALUES (1, "a@x", 0x00ff, "xyz1"), (2, "A@X", 0x00ff, "xyz2"), (3, NULL, NULL, NULL), (3, NULL, NULL, NULL), (NULL, "b@x", 0x01, "other")'
shared() { file 4_unique "$1"; refused mails "$2" "$3"; like "$err" "$4" 'with the keys'; }
shared $'ALTER TABLE mails ADD COLUMN first int;\nALTER TABLE mails ADD UNIQUE (email);' '4_unique.sql:2: 1 key \(email\) of "mails" is there more than once' \
	'ADD UNIQUE, behind another change' 'email a@x, 2 rows'
like "$err" 'Mend them, then: pgstride up --to 4' 'and the way on'
shared 'ALTER TABLE mails ADD CONSTRAINT named UNIQUE KEY named (raw DESC, text(3));' '4_unique.sql:1: 1 key \(raw, text\)' \
	'a key of bytes and of the head of a text' 'raw 00FF, text xyz, 2 rows'
shared 'ALTER TABLE mails ADD PRIMARY KEY (id);' '4_unique.sql:1: 2 keys \(id\) of "mails" are there more than once, or NULL' \
	'ADD PRIMARY KEY' 'id NULL, 1 row; id 3, 2 rows'
shared 'CREATE UNIQUE INDEX named ON mails (email);' '4_unique.sql:1: 1 key \(email\)' 'CREATE UNIQUE INDEX' 'email a@x, 2 rows'
holds 'plan says what is asked' grep -q 'first asks the rows: no two rows share (text)' <<<"$(file 4_unique 'CREATE UNIQUE INDEX named ON mails (text(9));'; pgstride plan --dir "$dir" 2>&1)"
file 4_unique $'DELETE FROM mails WHERE id = 2;\nCREATE UNIQUE INDEX named ON mails (email);\nALTER TABLE mails ADD COLUMN body varchar(9), ADD UNIQUE (body);'
exits 0 'a migration that mends the rows first is not asked too early, nor of columns that it brings' up
say_shop 'CREATE TABLE crowd (id int AUTO_INCREMENT PRIMARY KEY, email varchar(40)) ENGINE=InnoDB; INSERT INTO crowd (email) SELECT seq FROM (
	WITH RECURSIVE s (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM s WHERE seq < 150) SELECT a.seq * 1000 + b.seq AS seq FROM s a, s b) t; UPDATE crowd SET email = "x" WHERE id <= 7'
file 5_crowd $'ALTER TABLE crowd ADD COLUMN first int;\nALTER TABLE crowd ADD UNIQUE (email);'
exits 4 'of a large table the rows are asked once, at the step' up
like "$err" '5_crowd.sql:2\): 1 key \(email\) of "crowd" is there more than once' 'and the build is spared'
like "$(columns crowd)" 'first' 'what came before it has happened'
say_shop 'UPDATE crowd SET email = -id WHERE id <= 7'
exits 0 'mended, it goes on from there' up

# --- changes that the table cannot hold --------------------------------------------------

if mysql_is MySQL; then
	say_shop 'CREATE TABLE worn (id int PRIMARY KEY) ENGINE=InnoDB'
	for i in {1..120}; do echo "ALTER TABLE worn ADD COLUMN c$i int, ALGORITHM=INSTANT; ALTER TABLE worn DROP COLUMN c$i, ALGORITHM=INSTANT;"; done |
		mariadb --no-defaults -uroot -S "$server/s" shop
	file 6_worn 'ALTER TABLE worn ADD COLUMN a int;'
	exits 0 'a table that has had many INSTANT changes: plan' pgstride plan --dir "$dir"
	like "$out" 'row versions: 241 of 255$' 'says how many there are then'
	unlike "$out" 'INSTANT ends' 'and no more'
	say_shop "$(for i in {1..6}; do echo "ALTER TABLE worn ADD COLUMN d$i int, ALGORITHM=INSTANT; ALTER TABLE worn DROP COLUMN d$i, ALGORITHM=INSTANT;"; done)"
	exits 0 'near the limit: plan' pgstride plan --dir "$dir"
	like "$out" 'row versions: 253 of 255; behind them INSTANT ends' 'says what comes behind it'
	file 6_worn $'ALTER TABLE worn ADD COLUMN a int;\nALTER TABLE worn ALTER a SET DEFAULT 1;\nALTER TABLE worn ADD COLUMN c int;\nALTER TABLE worn ADD COLUMN d int;\nALTER TABLE worn ADD COLUMN e int;'
	refused worn '6_worn.sql:5: "worn" cannot hold one more INSTANT change: it has had 252 of 255' 'one INSTANT change too many'
	like "$err" 'ALTER TABLE worn ENGINE=InnoDB' 'and what helps'
	mysql_say "CREATE USER clerk IDENTIFIED BY 'it'; GRANT ALL ON shop.* TO clerk"
	PGSTRIDE_DATABASE="mysql://clerk:it@localhost/shop?socket=$server/s" exits 1 'an account that may not know how many is told by the server' up
	like "$err" '4092' 'at the change that is too many'
	like "$err" 'OPTIMIZE TABLE starts the count again' 'with what helps'
	is "$(columns worn)" 'id,a,c,d' 'and nothing was built instead'
	file 6_worn $'ALTER TABLE worn ADD COLUMN a int;\nALTER TABLE worn ALTER a SET DEFAULT 1;\nALTER TABLE worn ADD COLUMN c int;\nALTER TABLE worn ADD COLUMN d int;\nALTER TABLE worn ADD COLUMN e int, ALGORITHM=INPLACE;'
	exits 0 'as its author says it is rebuilt' up
	is "$(columns worn)" 'id,a,c,d,e' 'and whole'
fi

# --- who cannot be named ---------------------------------------------------------------

mysql_session locker
asks locker 'LOCK TABLES people READ'
file 7_wait 'ALTER TABLE people ADD COLUMN w int;'
exits 5 'LOCK TABLES by somebody' up --lock-patience=300ms
like "$err" 'held by (session [0-9]+|somebody whom the server does not name)' 'is told as far as the server does'
unlike "$err" 'GRANT' 'and no privilege is asked for that we have'
hang_up locker
exits 0 'and it goes on without him' up

# --- servers that are not the one to write to -------------------------------------------

file 8_role 'CREATE TABLE roles (id int);'
want=6
kept_out() {
	exits "$want" "refused: $2" up "${@:3}"
	like "$err" "$1" 'with the reason'
	unlike "$(tables)" roles 'and nothing is made there'
}
mysql_say 'SET GLOBAL read_only = ON'
kept_out 'this server is read-only \(read_only = ON\)' 'a read-only server, though this account may write to it'
like "$err" 'Connect to the primary; or, if this is the one' 'and the way on'
if mysql_is MySQL; then
	mysql_say 'SET GLOBAL super_read_only = ON'
	kept_out 'read-only \(super_read_only = ON\)' 'super_read_only by its own name'
	mysql_say 'SET GLOBAL super_read_only = OFF'
	mysql_say "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '192.0.2.7', SOURCE_USER = 'follows'"
else
	mysql_say "CHANGE MASTER TO MASTER_HOST = '192.0.2.7', MASTER_USER = 'follows'"
fi
kept_out 'it copies from 192.0.2.7' 'a replica, read-only' --writable-replica
mysql_say 'SET GLOBAL read_only = OFF'
want=4
kept_out 'a replica that takes writes: it copies from 192.0.2.7' 'a replica that anybody may write to'
like "$err" 'RESET REPLICA ALL.* --writable-replica' 'with both ways on'
holds 'plan only looks, and may look there' pgstride plan --dir "$dir"
exits 0 'with the word for it' up --writable-replica
like "$(tables)" roles 'it is written to'
exits 0 'and a pod that finds nothing to do is not kept out' up
mysql_say 'RESET REPLICA ALL'
file 9_role 'CREATE TABLE roles2 (id int);'
exits 0 'where nothing is copied any more nobody asks' up

if mysql_is MySQL && mysql_say "INSTALL PLUGIN group_replication SONAME 'group_replication.so'"; then
	restart_mysql --log-bin=bin --server-id=1 --gtid-mode=ON --enforce-gtid-consistency=ON
	group() { mysql_say "SET GLOBAL group_replication_single_primary_mode = $1, GLOBAL group_replication_group_name = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
		GLOBAL group_replication_local_address = '127.0.0.1:$(free_port)', GLOBAL group_replication_bootstrap_group = ON; START GROUP_REPLICATION"; }
	file 10_group 'CREATE TABLE grouped (id int PRIMARY KEY);'
	group OFF
	exits 4 'a member of a group that takes writes everywhere' up
	like "$err" 'a group of which all members take writes' 'with the reason'
	unlike "$(tables)" grouped 'and nothing is made there'
	mysql_say 'STOP GROUP_REPLICATION'
	group ON
	exits 0 'the primary of a group that has one is the one to write to' up
	mysql_say 'STOP GROUP_REPLICATION; SET GLOBAL super_read_only = OFF'
else
	skip 'a group of servers' 'this server knows none'
fi

# --- servers of another kind -----------------------------------------------------------

# Their names, told by a real server: it greets and answers VERSION() with what it is told.
if mysql_is MariaDB; then
	for kind in 8.0.11-TiDB-v7.5.0=TiDB 8.0.30-Vitess=Vitess 8.0.32-PlanetScale=PlanetScale 10.4.2-MariaDB='MariaDB 10.4.2 is too old'; do
		restart_mysql --log-bin=bin --server-id=1 "--version=${kind%%=*}"
		file 11_never 'CREATE TABLE never (id int);'
		exits 4 "${kind#*=} is refused" up
		like "$err" "${kind#*=}" 'by its name'
		unlike "$(tables)" 'never' 'and nothing is made there'
	done
	restart_mysql --wsrep-on=ON --binlog-format=ROW
	exits 4 'a node of a Galera cluster is refused' up
	like "$err" 'this server is a node of a Galera cluster' 'by that name'
	like "$err" 'GET_LOCK keeps nobody out who is on another node' 'with the reason'
	unlike "$(tables)" 'never' 'and nothing is made there'
else
	skip 'servers of another kind' 'only MariaDB can be told which version to tell'
fi

finish
