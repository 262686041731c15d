#!/bin/bash
# room.sh: a backfill that will not fit on the server's disk is refused before it begins.
. "$(dirname "$0")/../lib.sh"
start_postgres
disk=$server/small
stop_all() {
	clean_up_disk
	clean_up
}
clean_up_disk() {
	"$root/tests/servers/pg.sh" stop "$server" immediate
	! mountpoint -q "$disk" || umount "$disk"
}
trap stop_all EXIT

new_database shop
mkdir -p "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
plan() { pgstride plan --dir "$tmp/migrations" "$@"; }
make_table() { # TABLESPACE
	sql "DROP TABLE IF EXISTS accounts;
	     CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, pad text) TABLESPACE $1;
	     INSERT INTO accounts SELECT g, 'u' || g || '@example.com', repeat('x', 80) FROM generate_series(1, 60000) g;
	     ANALYZE accounts"
}
make_table pg_default

# --- not known to a role that may not look: it goes on ---------------------------------------
sql "CREATE ROLE shop LOGIN; ALTER TABLE accounts OWNER TO shop; GRANT CREATE ON DATABASE shop TO shop; GRANT CREATE ON SCHEMA public TO shop"
PGSTRIDE_DATABASE="host=$server user=shop dbname=shop" exits 0 'a role that may not know where: goes on' plan

# --- said ----------------------------------------------------------------------------------
exits 4 'less is free, we are told, than it needs: exit 4' up --free-space 1MB
like "$err" '20260101_fill.sql:4: the backfill of "accounts" needs about [0-9.]+ MB on tablespace "pg_default", and 1.0 MB are free' 'how much, where, and what there is'
like "$err" 'grow by about [0-9.]+ MB, [0-9.]+ MB of WAL' 'what for'
like "$err" 'free-space=SIZE' 'and what to do'
is "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname = 'new_email'")" 0 'nothing was changed'
exits 4 'plan says so too' plan --free-space 1MB
exits 0 'plan: there is enough' plan --free-space 10GB

mkdir "$tmp/index"
printf -- '-- migrate:up\nCREATE INDEX accounts_pad ON accounts (pad);\n' >"$tmp/index/20260101_index.sql"
exits 4 'an index, and less is free: exit 4' pgstride up --yes --dir "$tmp/index" --free-space 1MB
like "$err" '20260101_index.sql:2: the build of index "accounts_pad" needs about' 'an index, and less is free: what needs how much'
exits 0 'an index, and there is enough: exit 0' pgstride plan --dir "$tmp/index" --free-space 10GB

# --- seen ------------------------------------------------------------------------------------
mkdir -p "$disk"
if mount -t tmpfs -o size=24m tmpfs "$disk" 2>/dev/null; then
	mkdir "$disk/space"
	[ "$(id -u)" != 0 ] || chown postgres "$disk/space"
	sql "CREATE TABLESPACE small LOCATION '$disk/space'"
	make_table small
	dd if=/dev/zero of="$disk/ballast" bs=64k count=$(($(df --output=avail "$disk" | tail -n 1) / 64 - 16)) 2>/dev/null
	exits 4 'a full tablespace: exit 4' up
	like "$err" 'tablespace "small", and 1.[0-9] MB are free' 'a full tablespace: seen by itself'
	like "$err" "it grows in $disk/space on the server" 'a full tablespace: where it is'
	is "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'accounts'::regclass AND attname = 'new_email'")" 0 'a full tablespace: nothing was changed'
	exits 0 'a full tablespace: whoever knows better says so' plan --free-space 1GB
	rm "$disk/ballast"
	exits 0 'room was made: exit 0' up
	is "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS DISTINCT FROM email')" 0 'room was made: every row is filled'
else
	skip 'a full tablespace' 'mounting a tmpfs is not allowed here'
fi
finish
