#!/bin/bash
# alone
# stalls.sh: every recipe that "pgstride help recipes" lists, and the swap of the three
# phases, up, to the end and down again, under readers and writers: no application error
# and no wait over the budget. A recipe without a migration here fails the test.
#
# The server judges: it logs every wait longer than deadlock_timeout.
. "$(dirname "$0")/../waits.sh"
start_postgres "deadlock_timeout = ${allowed}ms" 'shared_buffers = 128MB'
start_witness

new_database shop
sql "CREATE TABLE customers (id int PRIMARY KEY, name text, rank int);
     CREATE TABLE orders (id serial PRIMARY KEY, customer int, email text, note text, n int DEFAULT 0,
                          code int, legacy int REFERENCES customers);
     CREATE TABLE events (id serial, day int, what text) PARTITION BY LIST (day);
     CREATE TABLE events_1 PARTITION OF events FOR VALUES IN (1);
     CREATE TABLE events_2 PARTITION OF events FOR VALUES IN (2);
     CREATE TABLE events_3 PARTITION OF events FOR VALUES IN (3);
     INSERT INTO customers SELECT g, 'c' || g, g FROM generate_series(1, 1000) g;
     INSERT INTO orders (customer, email, note, code, legacy) SELECT 1 + g % 1000, 'e' || g, 'n', g, 1 + g % 7 FROM generate_series(1, 20000) g;
     INSERT INTO events (day, what) SELECT 1 + g % 2, 'w' || g FROM generate_series(1, 5000) g;
     CREATE INDEX by_legacy ON orders (legacy); CREATE INDEX by_email ON orders (email)"

# --- one migration for every recipe -------------------------------------------------------

# Each prints its migration; a proof is a query that answers t when it is done.
migration_of() {
	case $1 in
	not-null) echo '-- migrate:up
ALTER TABLE orders ALTER COLUMN email SET NOT NULL;
ALTER TABLE customers ALTER COLUMN name SET NOT NULL;' ;;
	check) echo '-- migrate:up
ALTER TABLE orders ADD CONSTRAINT counted CHECK (n >= 0);' ;;
	foreign-key) echo '-- migrate:up
ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers;' ;;
	key) echo '-- migrate:up
ALTER TABLE customers ADD CONSTRAINT ranked UNIQUE (rank);' ;;
	new-column) echo '-- migrate:expand
ALTER TABLE orders ADD COLUMN token timestamptz NOT NULL DEFAULT clock_timestamp();' ;;
	detach) echo '-- migrate:up
ALTER TABLE events DETACH PARTITION events_3;' ;;
	drop-column) echo '-- migrate:contract
ALTER TABLE orders DROP COLUMN legacy;' ;;
	concurrent-index) echo '-- migrate:up
CREATE INDEX by_code ON orders (code);
CREATE INDEX by_what ON events (what);' ;;
	concurrent-reindex) echo '-- migrate:up
REINDEX INDEX by_email;' ;;
	swap) echo '-- migrate:expand
ALTER TABLE orders ADD COLUMN new_note text;
-- migrate:backfill sync:both
UPDATE orders SET new_note = note WHERE new_note IS NULL;
-- migrate:contract
ALTER TABLE orders ALTER COLUMN new_note SET NOT NULL;
ALTER TABLE orders DROP COLUMN note;
ALTER TABLE orders RENAME COLUMN new_note TO note;' ;;
	*) return 1 ;;
	esac
}
proof_of() {
	case $1 in
	not-null) echo "SELECT count(*) = 2 FROM pg_attribute WHERE attnotnull AND (attrelid, attname) IN (('orders'::regclass, 'email'), ('customers'::regclass, 'name'))" ;;
	check) echo "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'counted' AND convalidated" ;;
	foreign-key) echo "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'of_customer' AND convalidated" ;;
	key) echo "SELECT count(*) = 1 FROM pg_constraint WHERE conname = 'ranked' AND contype = 'u'" ;;
	new-column) echo "SELECT count(*) = 1 FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'token' AND attnotnull AND atthasdef" ;;
	detach) echo "SELECT count(*) = 2 FROM pg_inherits WHERE inhparent = 'events'::regclass" ;;
	drop-column) echo "SELECT count(*) = 0 FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = 'legacy'" ;;
	concurrent-index) echo "SELECT count(*) = 2 + (SELECT count(*) FROM pg_inherits WHERE inhparent = 'events'::regclass) FROM pg_index WHERE indisvalid AND indexrelid::regclass::text ~ '^(by_code|by_what|events_._what_idx)'" ;;
	concurrent-reindex) echo "SELECT 'by_email'::regclass <> $email_index" ;;
	swap) echo "SELECT bool_and(attnotnull) AND count(*) = 1 FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname ~ 'note' AND NOT attisdropped" ;;
	esac
}
undone='check foreign-key key new-column concurrent-index not-null' # the others lead nowhere back
email_index=$(sql "SELECT 'by_email'::regclass::oid")

# --- the application -------------------------------------------------------------------------

cat >"$tmp/app.sql" <<'S'
\set id random(1, 20000)
\set customer random(1, 1000)
UPDATE orders SET n = n + 1, note = 'm' WHERE id = :id;
SELECT email, note FROM orders WHERE id = :id;
INSERT INTO orders (customer, email, note, code) VALUES (:customer, 'x', 'n', :id);
UPDATE customers SET name = name WHERE id = :customer;
SELECT name FROM customers WHERE id = :customer;
INSERT INTO events (day, what) VALUES (1 + :id % 2, 'w');
DELETE FROM events WHERE what = 'w' AND day = 1 AND id % 10 = 0;
S
cat >"$tmp/reader.sql" <<'S'
BEGIN;
SELECT sum(n) FROM orders WHERE id < 200;
SELECT count(*) FROM customers;
SELECT pg_sleep(0.3);
COMMIT;
SELECT pg_sleep(0.2);
S
PGAPPNAME=application pgbench -n -M prepared -c 4 -R 120 -T 300 -f "$tmp/app.sql" -P 1 >"$tmp/app.out" 2>&1 &
application=$!
PGAPPNAME=application pgbench -n -c 2 -T 300 -f "$tmp/reader.sql" >"$tmp/reader.out" 2>&1 &
readers=$!
wait_until grep -q progress "$tmp/app.out" || not_ok 'the application starts' "$(cat "$tmp/app.out")"

unharmed() {
	is "$(long_waits application)" '' "$1: no statement waited over the budget"
	is "$(noted_stalls)" '' "$1: by our own account neither"
	holds "$1: the application lives" kill -0 "$application" "$readers"
}
move() { pgstride "$@" --yes --dir "$tmp/migrations" --lock-patience 60s; }

version=20260101
live_through() {
	local recipe=$1
	version=$((version + 1))
	mkdir -p "$tmp/migrations"
	migration_of "$recipe" >"$tmp/migrations/${version}_${recipe//-/_}.sql" || {
		not_ok "$recipe: a migration of it is lived through" "add one to $0"
		return
	}
	begin_waits
	exits 0 "$recipe: up" move up --through contract
	is "$(sql "$(proof_of "$recipe")")" t "$recipe: done"
	unharmed "$recipe"
	[[ " $undone " == *" $recipe "* ]] || return
	begin_waits
	exits 0 "$recipe: down" move down
	is "$(sql "$(proof_of "$recipe")")" f "$recipe: undone"
	unharmed "$recipe, down"
	rm "$tmp/migrations/${version}_${recipe//-/_}.sql"
}

stall() { begin_waits; psql -XAtqc "SET lock_timeout = '400ms'" -c 'ALTER TABLE orders ADD COLUMN IF NOT EXISTS plain text'; [ -n "$(long_waits application)" ]; }
wait_until stall
like "$(long_waits application)" 'process' 'plain ALTER TABLE stalls the application, and we would notice'

recipes=$(pgstride help recipes | sed -n 's/^  \([a-z-]*\)  .*/\1/p')
like "$recipes" 'not-null' 'the recipes are listed'
for recipe in $recipes swap; do
	[ "$recipe" != concurrent-reindex ] || since 12 "$recipe: up" || continue
	[ "$recipe" != detach ] || since 14 "$recipe: up" || continue
	live_through "$recipe"
done

kill "$application" "$readers"
wait "$application" "$readers" 2>/dev/null
is "$(cat "$tmp/app.out" "$tmp/reader.out" | grep -ciE 'error|aborted')" 0 'the application met no error'
holds 'the application was at work' grep -qE 'progress: .* tps' "$tmp/app.out"
finish
