#!/bin/bash
# once: no PostgreSQL is met
# watch_engines.sh: looking on from elsewhere, reading only, on MariaDB (or what
# PGSTRIDE_TEST_MYSQL runs) and on a SQLite file: the run, why it rests, who waits for whom.
. "$(dirname "$0")/../lib.sh"
start_mysql --performance-schema=on --performance-schema-instrument='wait/lock/metadata/sql/mdl=ON'
dir=$tmp/m
mkdir "$dir"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email varchar(80)' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$dir/1_fill.sql"

look() { (cd / && "$pgstride_binary" watch --once --database "$url" "$@"); }
looks() { look >"$tmp/seen" && grep -Eq -- "$1" "$tmp/seen"; }
seen() { cat "$tmp/seen"; }
json() { look --format json | jq -r "$1"; }

# What every engine shows; say SQL is the engine's own client.
a_run() {
	local at=$1 say=$2 by
	by="$(id -un)@$(hostname)"
	$say 'CREATE TABLE accounts (id integer PRIMARY KEY, email varchar(80))'
	$say "INSERT INTO accounts WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 9)
		SELECT a.i + 10 * b.i + 100 * c.i + 1000 * e.i, 'someone' FROM d a, d b, d c, d e"
	exits 0 "$at, nothing ran yet: exit 0" look
	like "$out" '^shop(.db)? on [A-Za-z]+ [0-9.]+ · [0-9:]{8} UTC$' "$at: where it looks, and when"
	like "$out" '^nothing has run here' "$at, nothing ran yet: it says so"
	unlike "$($say "$tables")" pgstride "$at: looking creates nothing"

	touch "$tmp/rest"
	"$pgstride_binary" up --yes --database "$url" --dir "$dir" --batch-time 1ms --throttle-file "$tmp/rest" >"$tmp/out" 2>"$tmp/err" &
	run=$!
	holds "$at: why it rests" wait_until looks "resting: file \"$tmp/rest\" exists"
	like "$(seen)" "^up by $by since [-0-9]+ [0-9:]+ UTC: at work" "$at: who runs what, since when"
	like "$(seen)" '^  1_fill$' "$at: which migration"
	like "$(seen)" '^  backfill [0-9] +accounts' "$at: which step"
	unlike "$(seen)" 'HOT|snapshot|slots' "$at: no words of PostgreSQL's"
	is "$(json '.result.runs[0] | [.verb, .connected, .migration, .phase] | join(" ")')" 'up true 1_fill backfill' "$at: the same as JSON"
	(cd / && "$pgstride_binary" pause --database "$url") >/dev/null
	holds "$at: that it is paused, and by whom" wait_until looks "^  paused by $by since .* UTC: pgstride resume"
	(cd / && "$pgstride_binary" resume --database "$url") >/dev/null
	rm "$tmp/rest"
	wait "$run"
	is "$?" 0 "$at: looking on disturbs nothing, the run ends well"
	holds "$at: what has ended is said to be done" looks '^up by .*: done'
}

# --- MariaDB, MySQL --------------------------------------------------------------------

mysql_say 'CREATE DATABASE shop CHARACTER SET utf8mb4'
say_shop() { mysql_say "$1" shop; }
url="mysql://root@localhost/shop?socket=$server/s"
tables='SHOW TABLES'
a_run MySQL say_shop
like "$(look)" '^  [0-9]+ statements? running' 'how much the server is at'
like "$(look)" '^  history list [0-9]+' 'and how much it has yet to purge'
like "$(json '.result.around | join(", ")')" 'running, history list [0-9]+' 'and as JSON'
mysql_say "CREATE USER low@localhost; GRANT SELECT ON shop.* TO low@localhost"
like "$(cd / && "$pgstride_binary" watch --once --database "mysql://low@localhost/shop?socket=$server/s")" '^  [0-9]+ statements? running' \
	'an account that may not know the one is told the other'

mkfifo "$tmp/reader"
mariadb --no-defaults --unbuffered -uroot -S "$server/s" -N -B shop <"$tmp/reader" >"$tmp/read" 2>&1 &
exec {reader}>"$tmp/reader"
echo 'BEGIN; SELECT COUNT(*) FROM accounts; UPDATE accounts SET email = 1 WHERE id = 1;' >&"$reader"
wait_until grep -qx 10000 "$tmp/read"
mysql_say 'SET lock_wait_timeout = 600; ALTER TABLE accounts ADD COLUMN x int' shop {reader}>&- &
holds 'who waits for a table' wait_until looks '^    └ pid [0-9]+ root@localhost  waits for table accounts .*ALTER TABLE accounts ADD COLUMN x int'
mysql_say 'SET lock_wait_timeout = 600; SELECT COUNT(*) FROM accounts' shop >/dev/null {reader}>&- &
holds 'and who waits behind it, for that one' wait_until looks '^      └ pid [0-9]+ root@localhost  waits for table accounts .*SELECT COUNT'
like "$(seen)" '^  pid [0-9]+ root@localhost  idle' 'at the root who waits for nobody'
is "$(json '[.result.waiting[] | select(.waits_for == "table accounts") | .blockers | length] | join(" ")')" '1 1' 'JSON: and whom each waits for'
exec {reader}>&-
wait %mysql_say 2>/dev/null
wait
mysql_say 'SET innodb_lock_wait_timeout = 600; BEGIN; UPDATE accounts SET email = 2 WHERE id = 2; SELECT SLEEP(600)' shop >/dev/null 2>&1 &
holds 'what takes long' wait_until looks 'in a transaction for over a second'
mysql_say 'SET innodb_lock_wait_timeout = 600; UPDATE accounts SET email = 3 WHERE id = 2' shop >/dev/null 2>&1 &
holds 'who waits for a row' wait_until looks '└ pid [0-9]+ root@localhost  waits for a row of accounts'
mysql_say "SELECT CONCAT('KILL ', ID) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP%'" | while read -r kill; do mysql_say "$kill"; done
wait

mysql_say "CREATE USER guest@localhost; GRANT SELECT ON shop.* TO guest@localhost"
url="mysql://guest@localhost/shop?socket=$server/s"
exits 0 'an account that may little looks on too' look
like "$out" '^up by .*: done' 'and sees the runs'
like "$out" '^  what other accounts do, .*: GRANT PROCESS ON' 'and is told what it does not see'

# --- SQLite ----------------------------------------------------------------------------

file=$tmp/shop.db
url=sqlite:$file
query() { sqlite3 -cmd '.timeout 10000' "$file" "$1"; }
query 'PRAGMA journal_mode = WAL' >/dev/null
tables='SELECT name FROM sqlite_schema'
a_run SQLite query
mkfifo "$tmp/holder"
sqlite3 "$file" <"$tmp/holder" >"$tmp/held" &
exec {holder}>"$tmp/holder"
echo 'BEGIN IMMEDIATE; UPDATE accounts SET email = 1 WHERE id = 1 RETURNING id + 100;' >&"$holder"
wait_until grep -qx 101 "$tmp/held"
exits 0 'a file that another program writes to' look
like "$out" '^  journal wal, [0-9.]+ .B' 'what the file is like'
like "$out" '^  written to by pid [0-9]+ \(sqlite3\)$' 'who writes to it'
exec {holder}>&-
wait
finish
