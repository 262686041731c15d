#!/bin/bash
# alone
# locks.sh: strong locks under live traffic. Whoever is in the way, the step ends once
# they are gone, and meanwhile nobody of the application waits longer than the budget.
#
# The server judges: it logs every wait longer than deadlock_timeout. Only we ask for
# relation locks that conflict with the application's, so every such line is our doing.
. "$(dirname "$0")/../waits.sh"
start_postgres "deadlock_timeout = ${allowed}ms" 'autovacuum_naptime = 1s' 'shared_buffers = 128MB'
start_witness

new_database shop
sql "CREATE TABLE customers (id int PRIMARY KEY, name text);
     CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers, email text, n int DEFAULT 0);
     INSERT INTO customers SELECT g, 'c' || g FROM generate_series(1, 1000) g;
     INSERT INTO orders (customer, email) SELECT 1 + g % 1000, 'e' || g FROM generate_series(1, 50000) g"

cat >"$tmp/app.sql" <<'S'
\set id random(1, 50000)
\set customer random(1, 1000)
UPDATE orders SET n = n + 1 WHERE id = :id;
SELECT email FROM orders WHERE id = :id;
INSERT INTO orders (customer, email) VALUES (:customer, 'x');
SELECT name FROM customers WHERE id = :customer;
UPDATE customers SET name = name WHERE id = :customer;
S
cat >"$tmp/reader.sql" <<'S'
\set id random(1, 50000)
BEGIN;
SELECT n FROM orders WHERE id = :id;
SELECT pg_sleep(0.003);
SELECT count(*) FROM orders WHERE id BETWEEN :id AND :id + 500;
COMMIT;
S

open_application() {
	begin_waits
	rm -f "$tmp/app.out"
	PGAPPNAME=application pgbench -n -c 4 -R 200 -T 300 -f "$tmp/app.sql" -P 1 >"$tmp/app.out" 2>&1 &
	application=$!
	wait_until grep -q progress "$tmp/app.out" || not_ok 'the application starts' "$(cat "$tmp/app.out")"
}

# close_application WHAT: what did it see, and how long did it wait by the server's word?
close_application() {
	kill "$application" 2>/dev/null || not_ok "$1: the application lives" "$(tail -n 3 "$tmp/app.out")"
	wait "$application" 2>/dev/null
	is "$(grep -ci 'error' "$tmp/app.out")" 0 "$1: the application met no error"
	is "$(stalls)" '' "$1: no statement waited over the budget"
}
stalls() { long_waits application 'Lock on relation'; }

# migrate WHAT SQL [FLAG...]: one migration with that SQL, its exit status to be 0.
version=20260101
migrate() {
	local what=$1
	write_migration "$2"
	shift 2
	exits 0 "$what: the step ends" pgstride up --yes --dir "$tmp/migrations" --lock-patience 5min "$@"
	is "$(noted_stalls "version = '$version'")" '' "$what: the record says within the budget"
}
write_migration() {
	version=$((version + 1))
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	printf -- '-- migrate:up\n%s\n' "$1" >"$tmp/migrations/${version}_step.sql"
	sql "DROP SCHEMA IF EXISTS pgstride CASCADE" 2>/dev/null
}
# met NAME: `up` has met that it is in the way.
met() { wait_until grep -q "held by .*$1" "$tmp/.err" || not_ok "$1 is met"; }
has_column() { sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = '$1' AND NOT attisdropped"; }

# --- the measure itself ----------------------------------------------------------------------

open_application
psql_session report
say report 'BEGIN; SELECT count(*) FROM orders; SELECT pg_sleep(2); COMMIT;'
wait_until session_is report active
psql -XAtqc "SET lock_timeout = '1900ms'" -c 'ALTER TABLE orders ADD COLUMN a0 text' >/dev/null 2>&1
like "$(stalls)" 'process' 'a plain ALTER TABLE with a lock_timeout stalls the application, and we would notice'
kill "$application"
wait "$application" 2>/dev/null
hang_up report

# --- who may be in the way ------------------------------------------------------------------

open_application
migrate 'traffic alone' 'ALTER TABLE orders ADD COLUMN a1 text;'
is "$(has_column a1)" 1 'traffic alone: the column is there'
close_application 'traffic alone'

open_application
psql_session report
say report 'BEGIN; SELECT count(*) FROM orders; SELECT pg_sleep(6); COMMIT;'
wait_until session_is report active
migrate 'a transaction of 6 s' 'ALTER TABLE orders ADD COLUMN a2 text;'
like "$err" 'held by .*"report": active' 'a transaction of 6 s: it was waited for'
close_application 'a transaction of 6 s'
hang_up report

open_application
psql_session nightly
say nightly 'BEGIN; SELECT 1 FROM orders LIMIT 1;'
wait_until session_is nightly 'idle in transaction'
: >"$tmp/.err"
(met nightly; sleep 2; echo 'COMMIT;' >"$tmp/nightly.fifo") &
migrate 'idle in transaction' 'ALTER TABLE orders ADD COLUMN a3 text;'
close_application 'idle in transaction'
hang_up nightly

open_application
sql "BEGIN; DELETE FROM orders WHERE id = -1; PREPARE TRANSACTION 'two phases'"
: >"$tmp/.err"
(met 'two phases'; sleep 2; psql -XAtqc "ROLLBACK PREPARED 'two phases'") &
migrate 'a prepared transaction' 'ALTER TABLE orders ADD COLUMN a4 text;'
close_application 'a prepared transaction'

sql "ALTER TABLE orders SET (autovacuum_vacuum_cost_delay = 50, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0)"
open_application
vacuums() { sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE query LIKE 'autovacuum: VACUUM%public.orders%' AND xact_start < now() - interval '300 ms'"; }
if wait_until vacuums; then
	migrate 'an autovacuum' 'ALTER TABLE orders ADD COLUMN a5 text;'
	like "$(tail -n "+$((waits_from + 1))" "$server/log")" 'canceling autovacuum task' 'an autovacuum: it gave way'
else
	not_ok 'an autovacuum: it runs'
fi
close_application 'an autovacuum'
sql "ALTER TABLE orders RESET (autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor)"

open_application
pgbench -n -c 16 -T 300 -f "$tmp/reader.sql" >"$tmp/readers.out" 2>&1 &
readers=$!
sleep 1
migrate 'many short readers' 'ALTER TABLE orders ADD COLUMN a6 text;'
holds 'many short readers: they were still there' kill -0 "$readers"
kill "$readers"
wait "$readers" 2>/dev/null
close_application 'many short readers'

# Statements that overlap without a gap, each older than the budget: there is no moment
# without one, so waiting for it would never end.
open_application
echo 'SELECT count(*) FROM (SELECT pg_sleep(0.3)) a, (SELECT 1 FROM orders LIMIT 1) b;' >"$tmp/middling.sql"
pgbench -n -c 3 -T 300 -f "$tmp/middling.sql" >"$tmp/readers.out" 2>&1 &
readers=$!
sleep 1
migrate 'overlapping statements of 300 ms' 'ALTER TABLE orders ADD COLUMN a7 text;'
holds 'overlapping statements of 300 ms: they were still there' kill -0 "$readers"
kill "$readers"
wait "$readers" 2>/dev/null
close_application 'overlapping statements of 300 ms'

open_application
psql_session parent
say parent 'BEGIN; UPDATE customers SET name = name WHERE id = -1; SELECT pg_sleep(2); COMMIT;'
wait_until session_is parent active
migrate 'a foreign key and its two tables' 'ALTER TABLE orders ADD CONSTRAINT again FOREIGN KEY (customer) REFERENCES customers NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT again;'
is "$(sql "SELECT convalidated FROM pg_constraint WHERE conname = 'again'")" t 'a foreign key and its two tables: it is valid'
close_application 'a foreign key and its two tables'
hang_up parent

# --- giving up --------------------------------------------------------------------------------

open_application
psql_session nightly
say nightly 'BEGIN; SELECT count(*) AS the_report FROM orders;'
wait_until session_is nightly 'idle in transaction'
write_migration 'ALTER TABLE orders ADD COLUMN b1 text;'
exits 5 'giving up: exit 5' pgstride up --yes --dir "$tmp/migrations" --lock-patience 2s
blocker=$(sql "SELECT pid FROM pg_stat_activity WHERE application_name = 'nightly'")
like "$err" "held by pid $blocker postgres@local \"nightly\": idle in transaction for [0-9.]+ s \(.*the_report" \
	'giving up: pid, user, application, state, age and query of the blocker'
like "$err" "pg_terminate_backend\($blocker\)" 'giving up: what can be done'
is "$(has_column b1)" 0 'giving up: the column is not there'
is "$(sql "SELECT count(*) FROM pgstride.steps")" 0 'giving up: no step is recorded'
is "$(sql "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE a.application_name LIKE 'pgstride%'")" 0 'giving up: no lock is left'
say nightly 'COMMIT;'
exits 0 'giving up: the next run gets it' pgstride up --yes --dir "$tmp/migrations"
is "$(has_column b1)" 1 'giving up: and the column is there'
close_application 'giving up'
hang_up nightly

# What takes longer than the budget is not done to the application, whatever it is.
open_application
write_migration "ALTER TABLE orders ADD COLUMN b2 text;
DO 'BEGIN PERFORM pg_sleep(0.5); END';"
exits 4 'too long for the budget: refused' pgstride up --yes --dir "$tmp/migrations" --safe off
like "$err" 'stall budget of 100 ms' 'too long for the budget: it says so'
is "$(has_column b2)" 0 'too long for the budget: nothing is left'
close_application 'too long for the budget'

# A role that sees nothing of others does not starve behind traffic it cannot judge.
sql "CREATE ROLE migrator LOGIN; GRANT CREATE ON DATABASE shop TO migrator; ALTER TABLE orders OWNER TO migrator; GRANT ALL ON SCHEMA public TO migrator"
open_application
write_migration 'ALTER TABLE orders ADD COLUMN b3 text;'
exits 0 'hidden sessions: the step ends' pgstride up --yes --dir "$tmp/migrations" \
	-d "host=$server port=5432 user=migrator dbname=shop" --lock-patience 60s
close_application 'hidden sessions'
finish
