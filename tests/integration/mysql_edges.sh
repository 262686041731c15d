#!/bin/bash
# What MariaDB, or what PGSTRIDE_TEST_MYSQL runs, allows us and what it does not: few
# privileges, read-only, the ways to say where it is, and an end in the middle.
# once: no PostgreSQL is met
. "$(dirname "$0")/../shop.sh"
port=$(free_port)
start_mysql --skip-networking=0 --bind-address=127.0.0.1 "--port=$port"
open_shop
mysql_say "CREATE USER clerk IDENTIFIED BY 'of the clerk'; GRANT ALL ON shop.* TO clerk"
clerk_url="mysql://clerk:of the clerk@localhost/shop?socket=$server/s"
tables() { say_shop "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'"; }
session() { say_shop "SELECT ID FROM information_schema.PROCESSLIST WHERE INFO LIKE '$1'"; }
is_there() { [ -n "$(session "$1")" ]; }
is_gone() { [ -z "$(session "$1")" ]; }

# --- nothing is done to a server that only reads ---------------------------------------

echo 'CREATE TABLE people (id int PRIMARY KEY, n int) ENGINE=InnoDB;' >"$dir/1_people.sql"
mysql_say 'SET GLOBAL read_only = 1'
keep up -d "$clerk_url"
is "$status" 6 'a read-only server is refused'
like "$err" 'read.only' 'and named so'
is "$(tables)" 0 'before anything was made'
mysql_say 'SET GLOBAL read_only = 0'

# --- where it is, in other tools' words ------------------------------------------------

mkdir "$tmp/home"
printf '[client]\nuser=clerk\npassword="of the clerk"\n' >"$tmp/home/.my.cnf"
in_home() { HOME=$tmp/home pgstride status --dir "$dir" -d "$1"; }
exits 0 'user and password may come from ~/.my.cnf' in_home "mysql://localhost/shop?socket=$server/s"
exits 0 'Go says it so' pgstride status --dir "$dir" -d "clerk:of the clerk@tcp(127.0.0.1:$port)/shop?tls=false"
exits 0 'and a socket so' pgstride status --dir "$dir" -d "clerk:of the clerk@unix($server/s)/shop"
exits 6 'a wrong password is no connection' pgstride status --dir "$dir" -d "clerk:guessed@tcp(127.0.0.1:$port)/shop"
like "$err" '1045.*|Check user and password' 'with what to look at'
unlike "$err" 'guessed' 'and not with what was tried'
exits 6 'nor is a port where nobody listens' pgstride status --dir "$dir" -d "mysql://clerk@127.0.0.1:$(free_port)/shop"
like "$err" '127.0.0.1' 'which is named'

# --- few privileges --------------------------------------------------------------------

exits 0 'whoever owns the schema needs no more' up -d "$clerk_url"
say_shop 'INSERT INTO people VALUES (1, 1), (2, 2)'
mysql_session reader
asks reader 'BEGIN; SELECT COUNT(*) FROM people'
echo 'ALTER TABLE people ADD COLUMN a int;' >"$dir/2_wait.sql"
exits 5 'who waits for a stranger is told that it cannot see him' up -d "$clerk_url" --lock-patience=300ms
like "$err" 'GRANT (PROCESS|SELECT ON performance_schema)' 'and which privilege would show him'
hang_up reader
exits 0 'and goes on without him' up -d "$clerk_url"

# --- asked to stop, the server stops too -----------------------------------------------

# Rows enough for minutes: what is asleep could end well when it is woken.
echo "UPDATE people SET n = n + (WITH RECURSIVE d AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM d WHERE i < 99)
	SELECT COUNT(*) FROM d a, d b, d c, d e, d f WHERE a.i + b.i + c.i + e.i + f.i + id > 0) WHERE id = 1;" >"$dir/3_slow.sql"
"$pgstride_binary" up --yes --dir "$dir" >"$tmp/slow.out" 2>&1 &
slow=$!
wait_until is_there 'UPDATE people%'
kill -INT "$slow"
wait "$slow"
is $? 75 'Ctrl-C ends a statement that runs'
holds 'on the server too' wait_until is_gone 'UPDATE people%'
is "$(say_shop 'SELECT n FROM people WHERE id = 1')" 1 'where it was rolled back'

finish
