#!/bin/bash
# once: concurrent builds take their locks themselves
# index.sh: indexes are built concurrently, and whatever an interrupted build left is
# found and mended; what is not ours to decide is told.
. "$(dirname "$0")/../lib.sh"
start_postgres
new_database shop
sql "CREATE TABLE orders (id serial PRIMARY KEY, email text, n int DEFAULT 0);
     CREATE TABLE other (id int);
     INSERT INTO orders (email) SELECT 'e' || g FROM generate_series(1, 200000) g"

# write_index SQL: a fresh history, and a folder with that statement alone.
write_index() {
	sql "DROP SCHEMA IF EXISTS pgstride CASCADE" 2>/dev/null
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	printf -- '-- migrate:up\n%s\n' "$1" >"$tmp/migrations/20260101_index.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
index() { sql "SELECT CASE WHEN i.indisvalid AND i.indisready AND i.indislive THEN 'valid' ELSE 'invalid' END FROM pg_index i WHERE i.indexrelid = to_regclass('$1')"; }
recorded() { sql "SELECT done FROM pgstride.steps WHERE number = 1"; }
hold_snapshot() {
	psql_session old
	say old 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other;'
	wait_until grep -qx 0 "$tmp/old.out"
}
let_go() {
	say old 'COMMIT;'
	hang_up old
}

# A snapshot on another table is held for 12 s: the build waits, and is done. Beside all
# that follows, in a database of its own.
held_snapshot() {
	new_database held
	sql 'CREATE TABLE orders (id int); CREATE TABLE other (id int)'
	mkdir "$tmp/held"
	printf -- '-- migrate:up\nCREATE INDEX i1 ON orders (id);\n' >"$tmp/held/20260101_index.sql"
	psql -XAtqc 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other; SELECT pg_sleep(12)' >/dev/null 2>&1 &
	wait_until sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE datname = 'held' AND wait_event = 'PgSleep'"
	local since=$SECONDS
	"$pgstride_binary" up --yes --dir "$tmp/held"
	echo "status $? $(index i1) $((SECONDS - since >= 6))"
}
held_snapshot >"$tmp/held.out" 2>&1 &
holding=$!

write_index 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i1 ON orders (lower(email), n);'
exits 0 'built: exit 0' up
is "$(index i1)" valid 'built: valid, ready and live'
is "$(recorded)" t 'built: recorded'
holds 'built: its expression has statistics' [ "$(sql "SELECT count(*) FROM pg_stats WHERE tablename = 'i1'")" -gt 0 ]

# Somebody made the same one before, and said it otherwise.
write_index 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i1 ON public.orders USING btree (lower(email) ASC, n);'
before=$(sql "SELECT 'i1'::regclass::oid")
exits 0 'there already: exit 0' up
is "$(sql "SELECT 'i1'::regclass::oid")" "$before" 'there already: not built again'

write_index 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i1 ON orders (email);'
exits 4 'another definition: exit 4' up
like "$err" 'defined otherwise' 'another definition: it says so'
like "$err" 'lower\(email\), n' 'another definition: it shows the one that is there'
write_index 'CREATE INDEX CONCURRENTLY other ON orders (email);'
exits 4 'a table of that name: exit 4' up

# An invalid leftover: IF NOT EXISTS alone would have taken it for the index.
sql 'DROP INDEX i1'
hold_snapshot
psql -XAtqc 'CREATE INDEX CONCURRENTLY i1 ON orders (email)' >/dev/null 2>&1 &
wait_until waits || not_ok 'a leftover: its build waits'
cancel_waiting
wait $!
let_go
is "$(index i1)" invalid 'a leftover: it is there'
write_index 'CREATE INDEX CONCURRENTLY IF NOT EXISTS i1 ON orders (email);'
exits 0 'a leftover: exit 0' up
is "$(index i1)" valid 'a leftover: dropped and built again'

sql "DROP INDEX i1; INSERT INTO orders (email) VALUES ('twice'), ('twice')"
write_index 'CREATE UNIQUE INDEX CONCURRENTLY i1 ON orders (email);'
exits 0 'duplicates: exit 0 of the plan' pgstride plan --dir "$tmp/migrations"
like "$out" 'first asks the rows: no two rows share \(email\)' 'duplicates: the plan says that they are looked for'
exits 4 'duplicates: exit 4' up
like "$err" '1 key \(email\) of "orders" is there more than once' 'duplicates: counted'
like "$err" 'email twice, 2 rows' 'duplicates: the key is named'
like "$err" '20260101_index.sql:2' 'duplicates: the line is named'
is "$(index i1)" '' 'duplicates: nothing was built'
is "$(recorded)" '' 'duplicates: nothing is recorded as begun'
sql "INSERT INTO orders (email) SELECT 'more ' || g % 500 FROM generate_series(1, 1000) g"
exits 4 'many duplicates: exit 4' up
like "$err" 'at least 100 keys' 'many duplicates: no more are counted than say enough'
sql "DELETE FROM orders WHERE email LIKE 'more %' OR email = 'twice'"

# They come while it is built.
psql_session writer
say writer "BEGIN; INSERT INTO orders (email) VALUES ('twice') RETURNING 'in';"
wait_until grep -qx in "$tmp/writer.out"
(wait_until waits; echo "INSERT INTO orders (email) VALUES ('twice'); COMMIT;" >"$tmp/writer.fifo") &
exits 1 'duplicates that come late: exit 1' up
like "$err" 'Key \(email\)=\(twice\) is duplicated' 'duplicates that come late: the key is named'
is "$(index i1)" '' 'duplicates that come late: nothing is left that rejects rows'
hang_up writer
sql "DELETE FROM orders WHERE email = 'twice'"
exits 0 'duplicates mended: exit 0' up
is "$(index i1)" valid 'duplicates mended: valid'

# Somebody outlasts the patience.
sql 'DROP INDEX i1'
write_index 'CREATE INDEX CONCURRENTLY i1 ON orders (email);'
hold_snapshot
exits 5 'an old snapshot: exit 5' up --lock-patience 2s
like "$err" 'pid [0-9]+ postgres@local "old": idle in transaction' 'an old snapshot: whoever holds it is named'
is "$(index i1)" '' 'an old snapshot: nothing is left'

# Stopped by hand while it waits for the same one.
"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/out" 2>&1 &
building=$!
wait_until waits || not_ok 'stopped: it waits'
kill -TERM "$building" # INT is ignored in the background
wait "$building"
is "$?" 75 'stopped: exit 75'
is "$(index i1)" '' 'stopped: nothing is left'
is "$(recorded)" f 'stopped: recorded as begun, not as done'
let_go
exits 0 'stopped, then run again: exit 0' up
is "$(index i1)" valid 'stopped, then run again: valid'

# Another session is building it right now: it is waited for, and not built twice.
sql 'DROP INDEX i1'
write_index 'CREATE INDEX CONCURRENTLY i1 ON orders (email);'
hold_snapshot
psql -XAtqc 'CREATE INDEX CONCURRENTLY i1 ON orders (email)' >/dev/null 2>&1 &
wait_until waits || not_ok 'built by another: it builds'
(sleep 2; echo 'COMMIT;' >"$tmp/old.fifo") &
before=$(sql "SELECT 'i1'::regclass::oid")
exits 0 'built by another: exit 0' up
is "$(sql "SELECT 'i1'::regclass::oid")" "$before" 'built by another: not built twice'
hang_up old

# REINDEX CONCURRENTLY builds beside the index, under a name that it takes away again.
for what in 'INDEX CONCURRENTLY i1' 'TABLE CONCURRENTLY orders'; do
	since 12 "REINDEX $what" || continue
	write_index "REINDEX $what;"
	hold_snapshot
	exits 5 "REINDEX $what, an old snapshot: exit 5" up --lock-patience 2s
	is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'")" 0 "REINDEX $what, an old snapshot: nothing is left"
	"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/out" 2>&1 &
	building=$!
	wait_until waits || not_ok "REINDEX $what, killed: it waits"
	kill -KILL "$building"
	wait "$building" 2>/dev/null
	cancel_waiting
	let_go
	is "$(sql "SELECT count(*) > 0 FROM pg_class WHERE relname ~ '_cc(new|old)'")" t "REINDEX $what, killed: something is left"
	exits 0 "REINDEX $what, killed, then run again: exit 0" up
	is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '_cc(new|old)'")" 0 "REINDEX $what, killed, then run again: nothing is left"
done

write_index 'DROP INDEX CONCURRENTLY i1;'
exits 0 'dropped: exit 0' up
is "$(index i1)" '' 'dropped: gone'
write_index 'DROP INDEX CONCURRENTLY i1;'
exits 4 'not there to drop: exit 4, before anything runs' up
write_index 'DROP INDEX CONCURRENTLY IF EXISTS i1;'
exits 0 'not there to drop, and that is fine: exit 0' up

# A prepared transaction ends only when somebody ends it: no build is begun for nothing.
write_index 'CREATE INDEX i2 ON orders (n);'
sql "BEGIN; INSERT INTO orders (email) VALUES ('prepared'); PREPARE TRANSACTION 'left'" >/dev/null
exits 5 'a prepared transaction: exit 5' up --lock-patience 1s
like "$err" 'transaction "left"' 'a prepared transaction: is named'
like "$err" "ROLLBACK PREPARED 'left'" 'a prepared transaction: and how to end it'
is "$(index i2)" '' 'a prepared transaction: nothing was begun'
sql "COMMIT PREPARED 'left'"
exits 0 'a prepared transaction ended: exit 0' up

wait "$holding"
like "$(cat "$tmp/held.out")" '^status 0 valid 1$' 'a snapshot held for 12 s: it waits, exit 0 and valid'
phase='waiting for old snapshots, 0 of 1 gone'
[ "$server_major" -ge 12 ] || phase='waiting for older transactions'
like "$(cat "$tmp/held.out")" "$phase" 'a snapshot held for 12 s: it says for what it waits'
finish
