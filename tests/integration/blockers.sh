#!/bin/bash
# blockers.sh: what --on-blocker may end, and what it never touches: idle transactions in
# the way of a lock, of a concurrent index, of contract; and nobody else.
. "$(dirname "$0")/../lib.sh"
start_postgres 'autovacuum = off'

new_database shop
sql "CREATE TABLE orders (id int PRIMARY KEY, email text);
     INSERT INTO orders SELECT g, 'e' || g FROM generate_series(1, 1000) g;
     CREATE ROLE app LOGIN; CREATE ROLE migrator LOGIN;
     GRANT CREATE ON DATABASE shop TO migrator; GRANT ALL ON SCHEMA public TO migrator;
     GRANT SELECT, UPDATE ON orders TO app; ALTER TABLE orders OWNER TO migrator"
make_gate

version=20260101
write_migration() {
	version=$((version + 1))
	mkdir -p "$tmp/migrations"
	printf -- '%s\n' "$1" >"$tmp/migrations/${version}_step.sql"
}
add_column() { write_migration "-- migrate:up
ALTER TABLE orders ADD COLUMN c$version text;"; }
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
as_migrator=(-d "host=$server port=5432 user=migrator dbname=shop")
here() { sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = '$1'"; }
# open_idler SQL: a session of the application that says SQL and then nothing any more.
open_idler() {
	PGUSER=app psql_session idler
	say idler "$1"
	wait_until session_is idler 'idle in transaction' || not_ok 'the application idles' "$(cat "$tmp/idler.out")"
}
reads='BEGIN; SELECT count(*) FROM orders;'
writes='BEGIN; UPDATE orders SET email = email WHERE id = 7;'

# --- in the way of a lock --------------------------------------------------------------

open_idler "$reads"
add_column
exits 0 'a reader idles: cancel-idle ends it' up --on-blocker=cancel-idle:1s
pid=$(sed -n 's/.* ended pid \([0-9]*\) app@local "idler": idle in transaction for .*/\1/p' <<<"$err")
like "$pid" '^[0-9]+$' 'a reader idles: the operator reads whom'
is "$(here idler)" 0 'a reader idles: it is gone'
is "$(sql "SELECT kind || ' ' || version || ' ' || phase || ' ' || step || ' ' || outcome FROM pgstride.events WHERE what LIKE '--on-blocker=cancel-idle:1s ended pid $pid app@local%'")" \
	"blocker $version up 1 done" 'a reader idles: the history says whom, and for what'
like "$(pgstride history --dir "$tmp/migrations")" "ended pid $pid app@local" 'a reader idles: history shows it'
hang_up idler 2>/dev/null

open_idler "$writes"
add_column
exits 5 'a writer idles: cancel-idle leaves it alone' up --on-blocker=cancel-idle:1s --lock-patience 2500ms
is "$(here idler)" 1 'a writer idles: it is there'
like "$err" 'on-blocker=terminate-idle:30s' 'a writer idles: what would end it is said'
exits 0 'a writer idles: terminate-idle, from the environment, ends it' env PGSTRIDE_ON_BLOCKER=terminate-idle:1s \
	"$pgstride_binary" up --yes --dir "$tmp/migrations"
is "$(here idler)" 0 'a writer idles: it is gone'
hang_up idler 2>/dev/null

open_idler "$reads"
add_column
exits 5 'by default nobody is ended' up --lock-patience 2s
is "$(here idler)" 1 'by default nobody is ended: it is there'
is "$(grep -c 'never ended unless you say so: --on-blocker=cancel-idle:30s' <<<"$err")" 1 'by default nobody is ended: what would is said, once'

# Idle again and again, but never for so long: it is at work. It ends by itself.
say idler 'SELECT 1;'
(for _ in {1..20}; do sleep 0.2; echo 'SELECT 1;'; done >"$tmp/idler.fifo"; echo 'COMMIT;' >"$tmp/idler.fifo") &
exits 0 'idle between its statements: waited for' up --on-blocker=terminate-idle:3s
is "$(here idler)" 1 'idle between its statements: not ended'
hang_up idler

PGUSER=app psql_session report
say report 'BEGIN; SELECT count(*) FROM orders; SELECT at_gate(); COMMIT;'
aged() { sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE application_name = 'report' AND state = 'active' AND xact_start < now() - interval '2 s'"; }
wait_until aged || not_ok 'a statement is running: younger it would count as passing by'
open_idler "$reads"
add_column
exits 5 'a statement is running: nobody is ended, in vain neither' up --on-blocker=terminate-idle:1s --lock-patience 2500ms
is "$(here report) $(here idler)" '1 1' 'a statement is running: both are there'
: >"$tmp/.err"
(wait_until grep -q 'held by' "$tmp/.err"; open_gate) &
exits 0 'a statement has run: the idle one is ended' up --on-blocker=terminate-idle:1s
is "$(here report) $(here idler)" '1 0' 'a statement has run: the other is there'
hang_up idler 2>/dev/null # first: it has inherited the way to the other
hang_up report
close_gate

sql "BEGIN; UPDATE orders SET email = email WHERE id = 8; PREPARE TRANSACTION 'two phases'"
add_column
exits 5 'a prepared transaction is never ended' up --on-blocker=terminate-idle:1s --lock-patience 2s
is "$(sql 'SELECT count(*) FROM pg_prepared_xacts')" 1 'a prepared transaction is never ended: it is there'
sql "ROLLBACK PREPARED 'two phases'"

# What the planner cannot read: whom the last try met is whom it is about.
open_idler "$reads"
write_migration "-- migrate:up
DO \$\$BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN hidden text'; END\$\$;"
exits 0 'in the way of a DO block: ended' up --on-blocker=cancel-idle:1s --safe=off
is "$(here idler)" 0 'in the way of a DO block: it is gone'
hang_up idler 2>/dev/null

# --- between the look and the signal -------------------------------------------------------

# signal RUN PID BEGUN STATE ANY: the statement as it is sent, with what a look has seen.
signal() {
	{
		echo 'PREPARE signal AS'
		cat "$root/client/db/postgres/sql/end_idler.sql"
		echo "EXECUTE signal('main', '$1', NULL, NULL, '0', 'a test', 'me', 'here', '0', '$2', '$3', '$4', '$5')"
	} | psql -XAtq -v ON_ERROR_STOP=1
}
seen() { sql "SELECT pid, (date_part('epoch', xact_start) * 1000000)::bigint, (date_part('epoch', state_change) * 1000000)::bigint FROM pg_stat_activity WHERE application_name = 'idler'" | tr '|' ' '; }
open_idler "$writes"
run=$(sql "SELECT run_id FROM pgstride.runners")
read -r pid begun state < <(seen)
is "$(signal 00000000-0000-4000-8000-000000000000 "$pid" "$begun" "$state" true)" '' 'a signal of a run that was replaced: not sent'
is "$(signal "$run" "$pid" "$begun" "$state" false)" '' 'a signal for readers alone, and it has written: not sent'
is "$(signal "$run" "$pid" "$((begun - 1))" "$state" true)" '' 'a signal for another transaction: not sent'
say idler "SELECT 'gone on';"
wait_until grep -qx 'gone on' "$tmp/idler.out"
wait_until session_is idler 'idle in transaction'
is "$(signal "$run" "$pid" "$begun" "$state" true)" '' 'it has gone on working since: not sent'
say idler 'SELECT at_gate();'
wait_until session_is idler active || not_ok 'it works right now'
read -r pid begun state < <(seen)
is "$(signal "$run" "$pid" "$begun" "$state" true)" '' 'it works right now: not sent'
open_gate
wait_until session_is idler 'idle in transaction'
is "$(here idler)" 1 'it is still there'
read -r pid begun state < <(seen)
is "$(signal "$run" "$pid" "$begun" "$state" true)" 1 'it idles as it was seen: sent'
wait_until session_is idler ''
is "$(here idler)" 0 'and it is gone'
hang_up idler 2>/dev/null

# --- without the privilege ---------------------------------------------------------------

rm -r "$tmp/migrations"
sql 'DROP SCHEMA pgstride CASCADE'
open_idler "$reads"
add_column
exits 5 'state hidden: waiting goes on' up "${as_migrator[@]}" --on-blocker=cancel-idle:1s --lock-patience 3s
is "$(grep -c 'cannot judge pid .*GRANT pg_read_all_stats TO "migrator"' <<<"$err")" 1 'state hidden: the grant is named, once'
is "$(here idler)" 1 'state hidden: it is there'
sql 'GRANT pg_read_all_stats TO migrator'
exits 5 'no privilege: waiting goes on' up "${as_migrator[@]}" --on-blocker=cancel-idle:1s --lock-patience 3s
is "$(grep -c 'GRANT pg_signal_backend TO "migrator"' <<<"$err")" 1 'no privilege: the grant is named, once'
is "$(here idler)" 1 'no privilege: it is there'
is "$(sql "SELECT count(*) FROM pgstride.events WHERE kind = 'blocker'")" 0 'no privilege: the history says nothing that was not done'
sql 'GRANT pg_signal_backend TO migrator'
exits 0 'with the grant: ended' up "${as_migrator[@]}" --on-blocker=cancel-idle:1s
is "$(here idler)" 0 'with the grant: it is gone'
hang_up idler 2>/dev/null

# --- in the way of a concurrent index, and of contract -----------------------------------

open_idler 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;'
write_migration '-- migrate:up
CREATE INDEX by_email ON orders (email);'
exits 0 'in the way of an index: ended' up "${as_migrator[@]}" --on-blocker=cancel-idle:2s
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_email'::regclass")" t 'in the way of an index: it is valid'
is "$(here idler)" 0 'in the way of an index: it is gone'
hang_up idler 2>/dev/null

sql 'DROP INDEX by_email'
write_migration '-- migrate:expand
ALTER TABLE orders ADD COLUMN new_email text;
-- migrate:backfill
UPDATE orders SET new_email = email WHERE new_email IS NULL;
-- migrate:contract
ALTER TABLE orders ALTER COLUMN new_email SET NOT NULL;
ALTER TABLE orders DROP COLUMN email;'
open_idler 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;'
exits 0 'in the way of contract: the backfill is not concerned' up "${as_migrator[@]}"
is "$(here idler)" 1 'in the way of contract: it is there'
exits 5 'in the way of contract: waited for' pgstride contract --yes --dir "$tmp/migrations" "${as_migrator[@]}" --lock-patience 1s
like "$err" 'held by pid [0-9]+ app@local "idler": idle in transaction' 'in the way of contract: named'
exits 0 'in the way of contract: ended' pgstride contract --yes --dir "$tmp/migrations" "${as_migrator[@]}" --on-blocker=cancel-idle:1s
is "$(here idler)" 0 'in the way of contract: it is gone'
is "$(sql "SELECT count(*) FROM pgstride.events WHERE kind = 'blocker' AND phase = 'contract'")" 1 'in the way of contract: the history says so'
hang_up idler 2>/dev/null

# An autovacuum shows no rows to anybody, so contract does not wait for it, whether the role
# can see that it is one or not.
sql "REVOKE pg_read_all_stats, pg_signal_backend FROM migrator;
     CREATE TABLE busy (id int) WITH (autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
     INSERT INTO busy SELECT generate_series(1, 20000); DELETE FROM busy"
psql -XAtq -c "ALTER SYSTEM SET autovacuum = on" -c "ALTER SYSTEM SET autovacuum_naptime = '1s'" -c 'SELECT pg_reload_conf()' >/dev/null
vacuum() { sql "SELECT pid FROM pg_stat_activity WHERE query LIKE 'autovacuum: %busy%' AND backend_xmin IS NOT NULL"; }
vacuums() { [ -n "$(vacuum)" ]; }
wait_until vacuums || not_ok 'an autovacuum runs'
older=$(vacuum)
write_migration '-- migrate:expand
ALTER TABLE orders ADD COLUMN size int;
-- migrate:backfill
UPDATE orders SET size = id WHERE size IS NULL;
-- migrate:contract
ALTER TABLE orders ALTER COLUMN size SET NOT NULL;'
exits 0 'a hidden autovacuum: contract does not wait for it' up "${as_migrator[@]}" --through contract --lock-patience 3s
is "$(vacuum)" "$older" 'a hidden autovacuum: it was older, and is still there'

# --- how it is said ----------------------------------------------------------------------

exits 2 'a rule without a time' up --on-blocker=cancel-idle
exits 2 'a rule that would hit whoever thinks for a moment' up --on-blocker=terminate-idle:100ms
like "$err" 'wait, cancel-idle:TIME or terminate-idle:TIME' 'a wrong rule: the right ones are named'
like "$(pgstride help up | tr -s ' \n' ' ')" 'running statements are never' 'help says what is never touched'
finish
