#!/bin/bash
# once: no PostgreSQL is met
# doctor_engines.sh: doctor and repair on MariaDB (or what PGSTRIDE_TEST_MYSQL runs) and on
# a SQLite file: everything half done is found, each made for real, and what can be mended is.
. "$(dirname "$0")/../lib.sh"
start_mysql --log-bin --server-id=1 --binlog-format=ROW --performance-schema=on
dir=$tmp/m
file=$tmp/shop.db
mkdir "$dir"
cd "$tmp" || exit 1

go() { pgstride "$@" --database "$url" --dir "$dir"; }
dies_at() { PGSTRIDE_FAULT=$1 "$root/build/pgstride-faults" "${@:2}" --database "$url" --dir "$dir"; } >"$tmp/died.out" 2>&1
ill() { grep -o "\"kind\": *\"$1\"" <<<"$out" | wc -l; }
healthy() {
	exits 0 "$1" go doctor
	like "$out" 'nothing is half done' "$1: it says so"
}
folder() {
	rm -f "$dir"/*
	echo 'CREATE TABLE people (id integer PRIMARY KEY, email varchar(80) NOT NULL);
		CREATE TABLE visits (person integer);
		CREATE TABLE items (id integer PRIMARY KEY)' >"$dir/1_people.sql"
	printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n-- migrate:contract\n%s;\n%s;\n-- migrate:down expand\n%s;\n' \
		'ALTER TABLE people ADD COLUMN new_email varchar(80)' 'UPDATE people SET new_email = email WHERE new_email IS NULL' \
		'ALTER TABLE people DROP COLUMN email' 'ALTER TABLE people RENAME COLUMN new_email TO email' \
		'ALTER TABLE people DROP COLUMN new_email' >"$dir/2_email.sql"
}

# What every engine promises; say SQL is the engine's own client.
half_done() {
	local at=$1 say=$2
	folder
	healthy "$at, a database that pgstride has never seen"
	unlike "$($say "$tables")" pgstride "$at: looking creates nothing"
	exits 0 "$at: a migration that waits for contract" go up --yes
	healthy "$at: is not half done, nor are its sync triggers"

	$say "DROP TRIGGER $trigger"
	exits 8 "$at, a sync trigger that is gone: exit 8" go doctor --format json-pretty
	is "$(ill sync-lost)" 1 "$at, a sync trigger that is gone: found"
	like "$out" '"begin again: pgstride down, then pgstride up"' "$at, a sync trigger that is gone: what to do"
	exits 0 "$at, a sync trigger that is gone: as it is told, down" go down --yes
	exits 0 "$at, a sync trigger that is gone: and up" go up --yes
	healthy "$at, a sync trigger that is gone: then healthy"

	$say "$orphan"
	exits 8 "$at, a trigger that no migration needs: exit 8" go doctor
	like "$out" '! orphaned sync trigger  .pgstride_.*_insert. on .people.$' "$at, a trigger that no migration needs: named, with its table"
	like "$out" '^    > DROP TRIGGER IF EXISTS' "$at, a trigger that no migration needs: with the statement that mends it"
	exits 7 "$at, repair in a pipe: exit 7" go repair
	exits 0 "$at, repair" go repair --yes
	like "$out" 'Mended 1 thing\.' "$at, repair: says how many"
	healthy "$at, repair: then healthy"
	is "$($say "$orphans")" 0 "$at, repair: that trigger is gone"
	like "$(go history --format json)" '"kind": *"repair".*DROP TRIGGER IF EXISTS' "$at, repair: it is in the audit trail"

	$say 'INSERT INTO items (id) VALUES (1), (2), (3)'
	printf -- '%s;\n%s;\n' 'CREATE TABLE notes (id integer)' 'INSERT INTO items (id) VALUES (1)' >"$dir/3_bad.sql"
	exits 1 "$at, a migration fails" go up --yes
	exits 8 "$at, a migration that failed: exit 8" go doctor --format json-pretty
	is "$(ill failed)" 1 "$at, a migration that failed: found once"
	like "$out" '"detail": .*(Duplicate entry|UNIQUE constraint)' "$at, a migration that failed: with what failed"
	like "$out" '"pgstride up 3"' "$at, a migration that failed: and what goes on with it"
	sed -i 's/CREATE TABLE notes (id integer)/CREATE TABLE notes (id bigint)/' "$dir/3_bad.sql"
	if [ "$ddl_stays" = yes ]; then
		exits 3 "$at, a dirty migration: exit 3" go doctor
		like "$out" '> pgstride repair 3$' "$at, a dirty migration: what settles it"
		exits 7 "$at, repair VERSION in a pipe: exit 7" go repair 3
		like "$err" 'in the database: CREATE TABLE notes \(id integer\)' "$at, repair VERSION: shows what ran"
		like "$err" 'in the file: +CREATE TABLE notes \(id bigint\)' "$at, repair VERSION: and what the file says"
		exits_in_terminal 0 "$at, repair VERSION on a terminal" $'y\n' "$pgstride_binary" repair 3 --database "$url" --dir "$dir"
		like "$out" 'Recorded: what is there is what .*3_bad.sql says' "$at, repair VERSION: says what was recorded"
	fi
	sed -i 's/VALUES (1)/VALUES (9)/' "$dir/3_bad.sql"
	exits 0 "$at, a migration that failed: mended, it goes on" go up --yes
	healthy "$at, a migration that failed: then healthy"

	printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:off\n%s;\n' 'ALTER TABLE items ADD COLUMN size integer' \
		'UPDATE items SET size = 1 WHERE size IS NULL' >"$dir/4_size.sql"
	dies_at "$midway" up --yes
	exits 8 "$at, a backfill that was killed: exit 8" go doctor --format json-pretty
	is "$(ill backfill)" 1 "$at, a backfill that was killed: found once"
	exits 0 "$at, a backfill that was killed: up goes on with it" go up --yes
	healthy "$at, a backfill that was killed: then healthy"
}

# --- MariaDB, MySQL --------------------------------------------------------------------

mysql_say 'CREATE DATABASE shop CHARACTER SET utf8mb4'
say_shop() { mysql_say "$1" shop; }
url="mysql://root@localhost/shop?socket=$server/s"
tables='SHOW TABLES'
trigger=pgstride_2_1_people_insert
orphan='CREATE TRIGGER pgstride_0_1_people_insert BEFORE INSERT ON people FOR EACH ROW SET NEW.email = NEW.email'
orphans="SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_NAME = 'pgstride_0_1_people_insert'"
ddl_stays=yes midway=batch_sent
half_done MySQL say_shop

say_shop 'CREATE TABLE pgstride_ask_999999_1 LIKE people'
exits 8 'the table of a question whose asker is gone: exit 8' go doctor
like "$out" 'leftover of a question  .pgstride_ask_999999_1.' 'the table of a question: named'
exits 0 'the table of a question: repaired' go repair --yes
is "$(say_shop "SHOW TABLES LIKE 'pgstride\_ask%'")" '' 'the table of a question: gone'

say_shop 'CREATE TABLE old (id int PRIMARY KEY) ENGINE=MyISAM'
exits 0 'what is in the way of migrations is no ailment' go doctor
like "$out" '^note: the server calls itself .*(MariaDB|9\.)' 'notes: which server'
like "$out" '^note: a backfill goes along a primary key, .* none in notes, visits$' 'notes: tables without a key'
like "$out" 'no transactions in old \(MyISAM\)' 'notes: tables without transactions'
unlike "$out" 'lacks|1419|hidden|read-only' 'notes: nothing that root lacks'
mysql_say 'SET GLOBAL read_only = 1'
exits 0 'a server that is read-only can be looked at' go doctor
like "$out" '^note: the server is read-only' 'notes: that it is'
mysql_say 'SET GLOBAL read_only = 0'
if mysql_is MySQL; then
	say_shop 'CREATE TABLE changed (id int PRIMARY KEY)'
	for column in $(seq 100); do
		echo "ALTER TABLE changed ADD COLUMN c$column int, ALGORITHM=INSTANT; ALTER TABLE changed DROP COLUMN c$column, ALGORITHM=INSTANT;"
	done | mariadb --no-defaults -uroot -S "$server/s" shop
	keep go doctor
	like "$out" 'used up soon in changed \((200 of 255|64 of 64)\): OPTIMIZE TABLE' 'notes: tables that can hold few more INSTANT changes'
fi
mysql_say "CREATE USER guest@localhost; GRANT SELECT, CREATE ON shop.* TO guest@localhost"
url="mysql://guest@localhost/shop?socket=$server/s"
exits 0 'an account that may little looks too' go doctor
like "$out" 'lacks ALTER, DELETE, DROP, INDEX, INSERT, TRIGGER, UPDATE: GRANT .* ON `shop`\.\* TO guest@localhost' 'notes: what the account lacks'
like "$out" '\(1419\)' 'notes: that it may make no triggers'
like "$out" 'which transactions are open.*hidden.*GRANT PROCESS ON' 'notes: what it is not shown, and what shows it'
url="mysql://root@localhost/shop?socket=$server/s"

# --- SQLite ----------------------------------------------------------------------------

query() { sqlite3 -cmd '.timeout 10000' "$file" "$1"; }
url=sqlite:$file
: >"$file"
query 'PRAGMA journal_mode = WAL' >/dev/null
tables='SELECT name FROM sqlite_schema'
trigger=pgstride_sync_people_1_1_insert
orphan='CREATE TRIGGER pgstride_sync_people_9_1_insert AFTER INSERT ON people BEGIN UPDATE people SET email = email; END'
orphans="SELECT COUNT(*) FROM sqlite_schema WHERE name = 'pgstride_sync_people_9_1_insert'"
ddl_stays='' midway=batch_after
half_done SQLite query

query 'CREATE TABLE children (parent integer REFERENCES items)'
query 'PRAGMA foreign_keys = OFF; INSERT INTO children VALUES (7), (8)'
exits 8 'rows that point at nothing: exit 8' go doctor
like "$out" '! broken foreign key  "children"' 'rows that point at nothing: of which table'
like "$out" '2 rows point at nothing in "items"' 'rows that point at nothing: how many, and at what'
exits 8 'rows that point at nothing: repair leaves them alone, and exits as doctor does' go repair --yes
like "$out" '^1 thing left: pgstride doctor names it$' 'rows that point at nothing: it says that they are left'
is "$(query 'SELECT count(*) FROM children')" 2 'rows that point at nothing: they are there'
query 'DROP TABLE children; CREATE TABLE strange (parent integer REFERENCES visits (person))'
exits 0 'a foreign key that names no key' go doctor
like "$out" '^note: foreign keys cannot be checked: .*mismatch' 'a foreign key that names no key: says that they cannot be checked'
query 'DROP TABLE strange'

query "CREATE TABLE big (t text); INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) SELECT hex(zeroblob(2000)) FROM n"
mkfifo "$tmp/reader"
sqlite3 "$file" <"$tmp/reader" >"$tmp/read" &
exec {reader}>"$tmp/reader"
echo 'BEGIN; SELECT count(*) FROM big;' >&"$reader"
wait_until grep -qx 6000 "$tmp/read"
query 'PRAGMA wal_autocheckpoint = 0; UPDATE big SET t = t || 1' >/dev/null
exits 0 'a WAL that a reader pins' go doctor
like "$out" '^note: the WAL has [0-9.]+ MB, and grows on while somebody reads what is in it: pid [0-9]+ \(sqlite3\)$' 'a WAL that a reader pins: how large, and by whom'
exec {reader}>&-
wait %sqlite3 2>/dev/null
query 'DELETE FROM big; PRAGMA journal_mode = DELETE' >/dev/null
exits 0 'settings of the file' go doctor
like "$out" '^note: the journal is in mode delete: .* PRAGMA journal_mode = WAL' 'notes: the journal'
like "$out" '^note: [0-9]+ % \([0-9.]+ MB\) of the file are free: VACUUM' 'notes: free pages'
unlike "$out" 'WAL has' 'notes: no WAL any more'
query VACUUM

cp "$file" "$file.good"
root_page=$(query "SELECT rootpage FROM sqlite_schema WHERE name = 'items'")
printf 'nothing but noise' | dd of="$file" bs=1 seek=$(((root_page - 1) * 4096)) conv=notrunc 2>/dev/null
exits 8 'a damaged file: exit 8' go doctor
like "$out" '! damaged file' 'a damaged file: it says so'
mv "$file.good" "$file"

printf '\77\77\77\77' | dd of="$file" bs=1 seek=96 conv=notrunc 2>/dev/null
exits 0 'a file of a newer library' go doctor
like "$out" '^note: the file was last written by SQLite [0-9.]+, this library is 3\.' 'a file of a newer library: both are named'
finish
