#!/bin/bash
# doctor.sh: everything half done is found, each made for real; repair mends it under
# readers and writers, and then doctor has nothing to say. Doctor itself changes nothing.
. "$(dirname "$0")/../lib.sh"
start_postgres
new_database shop
sql "CREATE TABLE orders (id int PRIMARY KEY, email text, new_email text, n int);
     INSERT INTO orders SELECT g, 'e' || g, NULL, 1 FROM generate_series(1, 3000) g;
     CREATE TABLE other (id int);
     CREATE TABLE parts (id int, at int) PARTITION BY RANGE (at);
     CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
     CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20);
     CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM (20) TO (30);
     INSERT INTO parts SELECT g, g % 30 FROM generate_series(1, 300) g"
cd "$tmp" || exit 1 # no folder of migrations here
doctor() { pgstride doctor "$@"; }
repair() { pgstride repair "$@"; }
catalog() { sql "SELECT count(*), sum(oid::bigint) FROM pg_class; SELECT count(*) FROM pg_proc"; }
healthy() {
	exits 0 "$1: then healthy" doctor "${@:2}"
	like "$out" 'nothing is half done' "$1: it says so"
}
hold_snapshot() {
	psql_session old
	say old 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other;'
	wait_until grep -qx 0 "$tmp/old.out"
}
let_go() {
	say old 'COMMIT;'
	hang_up old
}
# gives_up STATEMENT: it waits for that snapshot, and is cancelled.
gives_up() {
	psql -XAtqc "$1" >/dev/null 2>&1 &
	wait_until waits || not_ok "it waits: $1"
	cancel_waiting
	wait $!
}

before=$(catalog)
healthy 'a database that pgstride has never seen'
is "$(catalog)" "$before" 'doctor: makes nothing'

# --- each made as an accident makes it -------------------------------------------------

kinds='index-ready index-dead index-parts constraint proof'
hold_snapshot
gives_up 'CREATE INDEX CONCURRENTLY orders_n ON orders (n)'
if since 12 'an interrupted REINDEX CONCURRENTLY'; then
	gives_up 'REINDEX INDEX CONCURRENTLY orders_pkey'
	kinds+=' index-reindex'
fi
let_go
psql -XAtqc 'CREATE UNIQUE INDEX CONCURRENTLY orders_twice ON orders (n)' >/dev/null 2>&1
if since 14 'an interrupted DETACH CONCURRENTLY'; then
	hold_snapshot
	say old 'SELECT count(*) FROM parts;'
	wait_until grep -qx 300 "$tmp/old.out"
	gives_up 'ALTER TABLE parts DETACH PARTITION parts_3 CONCURRENTLY'
	let_go
	kinds+=' detach'
fi
sql "ALTER TABLE orders ADD CONSTRAINT positive CHECK (id > 0) NOT VALID;
     ALTER TABLE orders ADD CONSTRAINT pgstride_n_0a1b2c3d CHECK (n > 0) NOT VALID;
     CREATE INDEX parts_id ON ONLY parts (id)"
ill() { grep -o "\"kind\": *\"$1\"" <<<"$out" | wc -l; }
exits 8 'ill: exit 8' doctor --format json-pretty
for kind in $kinds; do
	is "$(ill "$kind")" 1 "ill: $kind is found"
done
[ "$server_major" -lt 14 ] ||
	like "$out" '"ALTER TABLE parts DETACH PARTITION parts_3 FINALIZE"' 'ill: with the statement that mends it'
exits 8 'ill, to people: exit 8' doctor
like "$out" 'DROP INDEX CONCURRENTLY orders_n$' 'ill, to people: with the statement that mends it'
like "$out" 'every write keeps it up' 'ill, to people: with what it costs'

# What somebody is building right now is not ill.
sql 'DROP INDEX orders_n'
hold_snapshot
psql -XAtqc 'CREATE INDEX CONCURRENTLY orders_n ON orders (n)' >/dev/null 2>&1 &
wait_until waits || not_ok 'being built: it is'
keep doctor
unlike "$out" 'orders_n' 'being built: not ill'
let_go
wait %?CONCURRENTLY 2>/dev/null

# A role that may read nothing of ours is told what it does not see.
sql "CREATE ROLE guest LOGIN"
PGUSER=guest keep doctor "host=$server port=5432 user=guest dbname=shop"
is "$status" 8 'few privileges: it still finds them'
like "$out" 'GRANT pg_read_all_stats TO guest' 'few privileges: says which grant would show more'
like "$out" 'only the owner of orders may' 'few privileges: says what it may not mend'

# --- repair ----------------------------------------------------------------------------

exits 7 'repair in a pipe: exit 7' repair
[ "$server_major" -lt 14 ] ||
	is "$(sql "SELECT count(*) FROM pg_inherits WHERE inhdetachpending")" 1 'repair in a pipe: no detach is finished'
is "$(sql "SELECT count(*) FROM pg_constraint WHERE NOT convalidated")" 2 'repair in a pipe: nothing was run'
for client in 1 2 3; do
	(
		while [ ! -e "$tmp/enough" ]; do
			psql -XAtq -v ON_ERROR_STOP=1 -c "BEGIN; UPDATE orders SET n = n + 1 WHERE id = $client; SELECT count(*) FROM orders; COMMIT" \
				-c "INSERT INTO parts VALUES ($client, $client); SELECT count(*) FROM parts" >/dev/null || echo "$client" >>"$tmp/traffic"
		done
	) &
done
exits 0 'repair under traffic: exit 0' repair --yes
touch "$tmp/enough"
most=$(wc -w <<<"$kinds") # the build that went on above may have mended one by itself
like "$out" "Mended ($((most - 1))|$most) things" 'repair under traffic: it mends them all'
holds 'repair under traffic: no statement failed' [ ! -s "$tmp/traffic" ]
unlike "$(server_log)" ' psql LOG: .* still waiting for .*Lock on relation' 'repair under traffic: nobody waited a second'
healthy 'repair'
exits 0 'repair of nothing: exit 0' repair --yes
like "$out" '^Nothing is half done' 'repair of nothing: it says so'
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'parts_id'::regclass")" t 'repair: the partitioned index has its parts'
is "$(sql "SELECT convalidated FROM pg_constraint WHERE conname = 'positive'")" t 'repair: the constraint is validated'
is "$(sql "SELECT count(*) >= $most - 1 FROM pgstride.events WHERE kind = 'repair'")" t 'repair: each is in the audit trail'
sql "ALTER TABLE orders ADD CONSTRAINT wrong CHECK (id > 1) NOT VALID;
     ALTER TABLE other ADD CONSTRAINT fine CHECK (id > 1) NOT VALID"
exits 1 'repair of what cannot be: exit 1' repair --yes
like "$err" 'constraint not validated "wrong"' 'repair of what cannot be: it is named'
is "$(sql "SELECT count(*) FROM pg_constraint WHERE NOT convalidated")" 1 'repair of what cannot be: the others are mended'
sql 'ALTER TABLE orders DROP CONSTRAINT wrong'

# --- migrations ------------------------------------------------------------------------

mkdir "$tmp/migrations"
cat >"$tmp/migrations/20260101_copy.sql" <<-'SQL'
	-- migrate:expand
	ALTER TABLE orders ADD COLUMN mail text;

	-- migrate:backfill sync:both
	UPDATE orders SET mail = email WHERE mail IS NULL;

	-- migrate:contract
	ALTER TABLE orders ALTER COLUMN mail SET NOT NULL;
SQL
exits 0 'a migration: exit 0' pgstride up --yes
healthy 'a migration that waits for contract'
trigger=$(sql "SELECT quote_ident(tgname) FROM pg_trigger WHERE tgname LIKE '~pgstride%'")
sql "ALTER TABLE orders DISABLE TRIGGER $trigger"
exits 8 'a disabled sync trigger: exit 8' doctor
like "$out" "ENABLE ALWAYS TRIGGER $trigger" 'a disabled sync trigger: with the statement that mends it'
exits 0 'a disabled sync trigger: repair' repair --yes
healthy 'a disabled sync trigger'
sql 'CREATE TABLE orders_came () INHERITS (orders); CREATE TABLE orders_went () INHERITS (orders)'
exits 8 'children that came later: exit 8' doctor
is "$(grep -c 'missing sync trigger' <<<"$out")" 2 'children that came later: their missing triggers are named'
exits 0 'children that came later: repair' repair --yes
healthy 'children that came later'
is "$(sql "INSERT INTO orders_came (id, n, email) VALUES (9001, 9001, 'came') RETURNING mail")" came 'children that came later: they are level with their parent'
sql 'ALTER TABLE orders_went NO INHERIT orders'
exits 8 'a child that went: exit 8' doctor
like "$out" 'stray sync trigger +"~pgstride_.*" on orders_went' 'a child that went: the trigger it keeps is named'
exits 0 'a child that went: repair' repair --yes
healthy 'a child that went'
is "$(sql "SELECT string_agg(tgrelid::regclass::text || ' ' || tgenabled::text, ', ' ORDER BY tgrelid::regclass::text) FROM pg_trigger WHERE tgname LIKE '~pgstride%'")" 'orders A, orders_came A' 'a child that went: the others keep theirs'
sql 'DROP TABLE orders_came, orders_went'
sql "DELETE FROM pgstride.migrations"
exits 8 'an orphaned sync trigger: exit 8' doctor
like "$out" 'orphaned sync trigger' 'an orphaned sync trigger: is named'
exits 0 'an orphaned sync trigger: repair' repair --yes
is "$(sql "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'pgstride' AND proname LIKE 'sync%'")" 0 'an orphaned sync trigger: its function goes with it'

# Stopped half way, and its text changed since.
rm "$tmp/migrations/"*
sql 'DROP SCHEMA pgstride CASCADE'
printf '%s\n' '-- migrate:up' 'ALTER TABLE other ADD COLUMN kept int;' 'VACUUM other;' \
	'SELECT 1 / count(*) FROM other;' >"$tmp/migrations/20260102_half.sql"
exits 1 'half a migration: exit 1' pgstride up --yes
exits 8 'half a migration: doctor says 8' doctor
like "$out" 'pgstride up 20260102' 'half a migration: with the command that goes on'
sed -i 's/kept int/kept bigint/' "$tmp/migrations/20260102_half.sql"
exits 3 'dirty: doctor says 3' doctor
like "$out" 'pgstride repair 20260102' 'dirty: with the command that settles it'
exits 3 'dirty: repair, which cannot mend it, says 3 too' repair --yes
like "$out" '^1 thing left: pgstride doctor names it$' 'dirty: with what is left'
exits 7 'dirty, in a pipe: exit 7' repair 20260102
like "$err" 'ADD COLUMN kept int' 'dirty, in a pipe: shows what ran'
exits_in_terminal 3 'dirty, the file is wrong: exit 3' $'n\n' "$pgstride_binary" repair 20260102
like "$out" 'in the file .*kept bigint' 'dirty, on a terminal: shows what the file says'
exits_in_terminal 0 'dirty, the file is right: exit 0' $'y\n' "$pgstride_binary" repair 20260102
sql 'INSERT INTO other VALUES (7)'
exits 0 'dirty no more: up goes on' pgstride up --yes
healthy 'dirty no more'

# A backfill that was killed stands still; rows that it could not fill wait for somebody.
rm "$tmp/migrations/"*
sql "DROP SCHEMA pgstride CASCADE; UPDATE orders SET email = id"
printf '%s\n' '-- migrate:expand' 'ALTER TABLE orders ADD COLUMN number int;' '-- migrate:backfill sync:off' \
	'UPDATE orders SET number = email::int WHERE number IS NULL;' >"$tmp/migrations/20260103_number.sql"
exits 0 'a backfill: expanded' pgstride up --yes --through expand
psql_session locker
say locker "BEGIN; SELECT 'locked' FROM orders WHERE id = 2000 FOR UPDATE;"
wait_until grep -qx locked "$tmp/locker.out"
"$pgstride_binary" up --yes >"$tmp/out" 2>&1 &
running=$!
wait_until sql 'SELECT 1 / count(*) FROM pgstride.backfills WHERE position > 0' || not_ok 'a backfill at work: it is'
keep doctor
unlike "$out" 'backfill standing still' 'a backfill at work: not ill'
kill -KILL "$running"
wait "$running" 2>/dev/null
wait_until eval "doctor | grep -q 'backfill standing still'" || not_ok 'a backfill that was killed: is told'
# What it could not have so far turns out to be a row that it cannot fill.
say locker "UPDATE orders SET email = 'none' WHERE id = 2000; COMMIT;"
hang_up locker
exits 1 'rows set aside: exit 1' pgstride up --yes
exits 8 'rows set aside: doctor says 8' doctor
like "$out" '1 row, for one .*invalid input syntax' 'rows set aside: with the reason'
sql "UPDATE orders SET email = '2000' WHERE id = 2000"
exits 0 'rows set aside, mended: exit 0' pgstride up --yes
healthy 'rows set aside'
finish
