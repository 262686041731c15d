#!/bin/bash
# keys.sh: UNIQUE and PRIMARY KEY of a partitioned table are made partition by partition,
# while everybody writes; killed anywhere, the next runs end it, and down leads back. And a
# partition is detached, interrupted wherever it may be.
. "$(dirname "$0")/../waits.sh"
start_postgres "deadlock_timeout = ${allowed}ms"
start_witness
begin_waits

new_database model
sql "CREATE TABLE days (id int, day date, note text) PARTITION BY RANGE (day);
     CREATE TABLE \"Days 2024\" PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
     CREATE TABLE days_2025 PARTITION OF days FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (day);
     CREATE TABLE days_2025_h1 PARTITION OF days_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
     CREATE TABLE days_2025_h2 (note text, gone int, day date, id int);
     ALTER TABLE days_2025_h2 DROP COLUMN gone;
     ALTER TABLE days_2025 ATTACH PARTITION days_2025_h2 FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
     INSERT INTO days SELECT g, date '2024-01-01' + g % 700, 'n' || g FROM generate_series(1, 3000) g"
snapshot_schema >"$tmp/before"
mkdir "$tmp/migrations"
cat >"$tmp/migrations/20260101_keys.sql" <<-'SQL'
	ALTER TABLE days ADD PRIMARY KEY (day, id), ADD UNIQUE (id, day) INCLUDE (note) DEFERRABLE INITIALLY DEFERRED;
SQL
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
down() { pgstride down --yes --dir "$tmp/migrations"; }

# Every key of every table of the tree, what it is a part of, and whether it holds.
keys() {
	sql "SELECT k.conrelid::regclass, pg_get_constraintdef(k.oid), k.convalidated, i.indisvalid, i.indisreplident,
	            k.conparentid <> 0, h.inhparent::regclass IS NOT NULL, k.conislocal, k.coninhcount,
	            (SELECT array_agg(a.attname || a.attnotnull ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum > 0)
	       FROM pg_constraint k JOIN pg_index i ON i.indexrelid = k.conindid LEFT JOIN pg_inherits h ON h.inhrelid = k.conindid
	      WHERE k.contype IN ('p', 'u') AND k.connamespace = 'public'::regnamespace ORDER BY 1, 2"
}
new_database plain model
psql -XAtq -v ON_ERROR_STOP=1 -f "$tmp/migrations/20260101_keys.sql"
keys >"$tmp/plain"
is "$(wc -l <"$tmp/plain")" 10 'the plain statement makes two keys of five tables'

new_database keyed model
cat >"$tmp/writer.sql" <<-'SQL'
	\set n 100000 + :client_id * 100000 + random(1, 90000)
	\set m random(1, 3000)
	INSERT INTO days (id, day) SELECT :n, date '2024-01-01' + :n % 700 WHERE NOT EXISTS (SELECT FROM days WHERE id = :n);
	UPDATE days SET note = 'w' WHERE id = :m;
	DELETE FROM days WHERE id = :n;
SQL
pgbench -n -c 3 -R 100 -T 300 -f "$tmp/writer.sql" >"$tmp/writers.out" 2>&1 &
writers=$!
wait_until sql "SELECT 1 / count(*) FROM days WHERE note = 'w'"
exits 0 'under writers: exit 0' up
kill "$writers"
wait "$writers" 2>/dev/null
unlike "$(cat "$tmp/writers.out")" 'ERROR|aborted' 'under writers: nobody met an error'
is "$(long_waits pgbench 'Lock on relation')" '' 'under writers: nobody waited for a table longer than the budget'
holds 'under writers: the keys are those of the plain statement' diff "$tmp/plain" <(keys)
exits 0 'down: exit 0' down
sql 'DELETE FROM days WHERE id > 3000; UPDATE days SET note = $$n$$ || id'
holds 'down leads back to where it began' diff "$tmp/before" <(snapshot_schema)

# die_on POINT: every run is killed at the first POINT it comes by, until one is through.
die_on() {
	local deaths=0
	while ! PGSTRIDE_FAULT=$1:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >"$tmp/died" 2>&1; do
		[ $((deaths += 1)) -lt 60 ] || return 1
	done
	[ "$deaths" -gt 3 ]
} 2>/dev/null
cp "$tmp/migrations/20260101_keys.sql" "$tmp/both.sql"
echo 'ALTER TABLE days ADD PRIMARY KEY (day, id);' >"$tmp/migrations/20260101_keys.sql"
die_once() {
	PGSTRIDE_FAULT=alone_done:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >"$tmp/died" 2>&1
	[ $? -gt 128 ] && up
} 2>/dev/null
new_database keyed model
holds 'killed after each step: the next runs end it' die_on step_after
holds 'killed after each step: the key is that of the plain statement' diff <(grep PRIMARY "$tmp/plain") <(keys)
cp "$tmp/both.sql" "$tmp/migrations/20260101_keys.sql"

# --- what is found on the way ----------------------------------------------------------------

new_database keyed model
sql "INSERT INTO days SELECT id, day FROM days WHERE id IN (7, 8)"
exits 4 'duplicates: exit 4' up
like "$err" '2 keys \(day, id\) of "days" are there more than once' 'duplicates: they are counted before anything is built'
is "$(keys)" '' 'duplicates: no key is there to refuse anybody'
sql "DELETE FROM days WHERE note IS NULL"
# A partition that has its key already, and one that comes while the keys are made.
sql "CREATE UNIQUE INDEX CONCURRENTLY mine ON days_2025_h1 (day, id)"
PGSTRIDE_FAULT=alone_done:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >/dev/null 2>&1
sql "CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
exits 0 'a partition that came midway: exit 0' up
is "$(sql "SELECT count(*) FROM pg_constraint WHERE conrelid = 'days_2026'::regclass AND contype IN ('p', 'u')")" 2 'a partition that came midway: it has both keys'
is "$(sql "SELECT contype FROM pg_constraint WHERE conname = 'mine'")" p 'an index that was there: it became the key'
is "$(keys | cut -d'|' -f4 | sort -u)" t 'all of them are valid'
exits 0 'doctor finds nothing left' pgstride doctor --dir "$tmp/migrations"

# --- detached ---------------------------------------------------------------------------------

echo 'ALTER TABLE days DETACH PARTITION "Days 2024";' >"$tmp/migrations/20260101_keys.sql"
attached() { sql "SELECT count(*) FROM pg_inherits WHERE inhparent = 'days'::regclass"; }
# hold: a transaction that has seen the partition; let_go ends it.
hold() {
	psql_session old
	say old 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM days;'
	wait_until grep -qx 3000 "$tmp/old.out"
}
let_go() {
	say old 'COMMIT;'
	hang_up old
}
pending() { [ "$(sql 'SELECT count(*) FROM pg_inherits WHERE inhdetachpending')" = 1 ]; }
new_database detach model
if since 14 'DETACH CONCURRENTLY'; then
	exits 0 'detach: plan, exit 0' pgstride plan --dir "$tmp/migrations"
	like "$out" 'ALTER TABLE days DETACH PARTITION "Days 2024" CONCURRENTLY' 'detach: it is done concurrently'
	hold
	"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/detach.log" 2>&1 &
	first=$!
	wait_until pending
	kill -9 "$first"
	wait "$first" 2>/dev/null
	let_go
	exits 0 'detach, killed: the next run ends it' up
	is "$(attached)" 1 'detach, killed: it is detached'
	new_database detach model
	hold
	exits 5 'detach, out of patience: exit 5' up --lock-patience 500ms
	like "$err" 'waited for pid' 'detach, out of patience: it says for whom'
	let_go
	exits 8 'detach, out of patience: repair finishes it, and leaves the migration to up' pgstride repair --yes --dir "$tmp/migrations"
	is "$(attached)" 1 'detach, out of patience: it is detached'
	exits 0 'detach, repaired: up agrees' up
	new_database detach model
	holds 'detach, killed when it was done: the next run agrees' die_once
else
	exits 4 'detach: refused before PostgreSQL 14' up
fi
# --- names that a statement before has made free -----------------------------------------

cat >"$tmp/migrations/20260101_keys.sql" <<-'SQL'
	ALTER TABLE x DROP CONSTRAINT x_pkey;
	ALTER TABLE x ADD PRIMARY KEY (b);
	ALTER TABLE x DROP CONSTRAINT x_c_key, ADD UNIQUE (c);
	ALTER TABLE x ADD UNIQUE (a);
	ALTER TABLE x DROP CONSTRAINT x_a_key;
SQL
named() { sql "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'x'::regclass ORDER BY 1"; }
few='CREATE TABLE x (a int PRIMARY KEY, b int NOT NULL, c int UNIQUE)'
new_database plain
sql "$few"
psql -XAtq -v ON_ERROR_STOP=1 -f "$tmp/migrations/20260101_keys.sql"
named >"$tmp/plain"
new_database named
sql "$few"
exits 0 'keys in place of others' up
is "$(named)" "$(cat "$tmp/plain")" 'have the names that the plain statements give'
finish
