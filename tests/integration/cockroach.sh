#!/bin/bash
# once: the server is a PostgreSQL in disguise, one version of it is enough
# cockroach.sh: CockroachDB's way of working. None can be had here: a PostgreSQL stands in
# (tests/proxy/cockroach.h). What is tested is ours: how it is found out, the lease, the
# journal, the jobs, the batches by key; not what a real cluster would answer.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1
start_postgres
pass_for_cockroach
new_database shop
sql "CREATE TABLE undressed (city text, id bigint, email text, PRIMARY KEY (city, id));
     INSERT INTO undressed SELECT 'c' || n % 7, n, 'U' || n || '@X.org' FROM generate_series(1, 2000) n"
host=${stand_in//\//%2F}
roach="cockroach://postgres@$host:5432/shop"
mkdir m
cat >m/1_lowered.sql <<'SQL'
-- migrate:expand
ALTER TABLE users ADD COLUMN lowered text;
CREATE INDEX users_lowered ON users (lowered);
-- migrate:backfill sync:off
UPDATE users SET lowered = lower(email);
-- migrate:contract
ALTER TABLE users ALTER COLUMN lowered SET NOT NULL;
SQL
run() { "$pgstride_binary" "$1" --dir m -d "$roach" "${@:2}"; }
fresh() { sql 'DROP SCHEMA IF EXISTS pgstride CASCADE; DROP TABLE IF EXISTS users; CREATE TABLE users (LIKE undressed INCLUDING ALL); INSERT INTO users SELECT * FROM undressed'; }
unfilled() { sql 'SELECT count(*) FROM users WHERE lowered IS DISTINCT FROM lower(email)'; }
lease_ends() { sql "UPDATE pgstride.leases SET until = clock_timestamp() - interval '1 second'"; }
leases() { sql 'SELECT count(*) FROM pgstride.leases'; }
states() { sql "SELECT string_agg(version || ' ' || state, ',' ORDER BY version) FROM pgstride.migrations"; }

who_answers() {
	local address
	for address in "$roach" "postgres://postgres@$host:5432/shop" "postgresql://postgres@$host/shop" "crdb://postgres@$host:5432/shop" \
		"host=$stand_in user=postgres dbname=shop"; do
		exits 0 "status at ${address%%[:=]*}" "$pgstride_binary" status --dir m -d "$address" --format json
		like "$out" '"shop on CockroachDB 25\.4\.1"' 'is told what answers'
	done
	pass_for_cockroach silent-cockroach
	exits 0 'nothing but version() says so' "$pgstride_binary" status --dir m -d "postgres://postgres@$host:5432/shop" --format json
	like "$out" '"shop on CockroachDB 25\.4\.1"' 'and that is enough'
	exits 4 'a PostgreSQL behind cockroach://' "$pgstride_binary" up --dir m -d "cockroach://postgres@${server//\//%2F}:5432/shop"
	like "$err" 'this server is PostgreSQL, not CockroachDB' 'is named'
	is "$(sql "SELECT to_regnamespace('pgstride')")" '' 'and nothing was made in it'
	pass_for_cockroach cockroach --version 'PostgreSQL 15.2-YB-2025.1.0.0-b0'
	exits 4 'a Yugabyte behind it' run up
	like "$err" 'this server is YugabyteDB, not CockroachDB' 'is named too'
	pass_for_cockroach cockroach --version 'CockroachDB CCL v24.3.9 (x86_64)'
	exits 4 'one that is too old' run up
	like "$err" 'CockroachDB 24\.3\.9 is too old' 'is refused'
	exits 4 'behind postgres:// as well' "$pgstride_binary" up --dir m -d "postgres://postgres@$host:5432/shop"
	pass_for_cockroach cockroach
}

all_phases() {
	fresh
	exits 0 'doctor of a database without a history' run doctor
	exits 0 'and watch' run watch --once
	exits 0 'a plan' run plan
	like "$out" 'CockroachDB 25\.4\.1' 'is headed by the server'
	exits 0 'expand and backfill' run up --yes
	is "$(unfilled)" 0 'every row is filled, across batches'
	is "$(sql 'SELECT rows_done, verified FROM pgstride.backfills')" '2000|t' 'each once, and that was verified'
	is "$(leases)" 0 'the lease is given back'
	exits 0 'contract' run contract --yes
	is "$(states)" '1 contracted' 'is recorded'
	exits 0 'once more' run up --yes
	exits 0 'doctor' run doctor
	like "$out" 'nothing is half done' 'finds nothing'
	exits 0 'watch' run watch --once
	like "$out" 'up by .*: done|contract by .*: done' 'tells of the run that was'
}

killed_anywhere() {
	local fault
	for fault in history_made alone_started alone_done:1 alone_done:2 batch_after:2 verify_done; do
		fresh
		exits 137 "killed at $fault" env PGSTRIDE_FAULT="$fault" "$root/build/pgstride-faults" up --yes --dir m -d "$roach"
		exits 5 "$fault: its lease is still there" run up --yes --no-wait
		like "$err" 'its lease ends in' "$fault: and that is said"
		lease_ends
		exits 0 "$fault: the next run goes on" run up --yes
		is "$(states) $(unfilled) $(sql 'SELECT rows_done FROM pgstride.backfills')" '1 backfilled 0 2000' "$fault: as if nothing had been"
	done
}

replaced() {
	fresh
	psql_session blocker
	say blocker 'BEGIN; LOCK TABLE users;'
	wait_until session_is blocker 'idle in transaction'
	run up --yes >first.out 2>&1 &
	local first=$!
	wait_until sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'"
	exits 5 'a second runner' run up --yes --no-wait
	like "$err" 'held by pid [0-9]+ postgres@elsewhere "pgstride up main \(warden\)"' 'is told who holds the lease'
	sql "UPDATE pgstride.runners SET run_id = md5(random()::text)::uuid"
	say blocker 'COMMIT;'
	hang_up blocker
	ends "$first" 'a run that was replaced' first.out
	wait "$first"
	is $? 4 'it ends refused'
	like "$(cat first.out)" 'another run of pgstride has taken over' 'and says why'
	exits 0 'the one behind it finds what was done' run up --yes
	is "$(states) $(unfilled)" '1 backfilled 0' 'and goes on'
}

# The client is dead, the cluster goes on: what it does is waited for, and not done twice.
orphaned() {
	fresh
	psql_session blocker
	say blocker 'BEGIN; LOCK TABLE users;'
	wait_until session_is blocker 'idle in transaction'
	"$pgstride_binary" up --yes --dir m -d "$roach" >first.out 2>&1 &
	local first=$! second
	wait_until sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'ALTER%'"
	exits 0 'watch, meanwhile' run watch --once
	like "$out" 'job [0-9]+ running, 50 %: ALTER TABLE users ADD COLUMN lowered text' 'sees the job'
	like "$out" 'up by .*: at work' 'and whose it is'
	exits 0 'what a run is at work on' run doctor
	kill -KILL "$first"
	wait "$first" 2>/dev/null
	lease_ends
	exits 8 'is no ailment until it is dead' run doctor
	like "$out" 'a phase of it was begun, and no run is at work on it' 'then it is told'
	like "$out" '> pgstride up 1' 'with the way on'
	"$pgstride_binary" up --yes --dir m -d "$roach" >second.out 2>&1 &
	second=$!
	wait_until grep -q 'job [0-9]* of the cluster' second.out
	is $? 0 'a job of a killed run is waited for, by its name'
	say blocker 'COMMIT;'
	hang_up blocker
	ends "$second" 'the next run' second.out
	wait "$second"
	is $? 0 'and then it goes on'
	is "$(states) $(unfilled)" '1 backfilled 0' 'to the end'
	is "$(sql "SELECT count(*) FROM pgstride.events WHERE kind = 'step' AND phase = 'expand' AND outcome = 'done'")" 2 'each step is done once'
}

# Losing to other transactions is nobody's fault, and has an end.
conflicts() {
	fresh
	pass_for_cockroach cockroach --conflicts 3
	exits 0 'every third transaction loses' run up --yes -v
	like "$err" 'lost to another transaction \(try 1 of 8\): restart transaction' 'which is told to who asks'
	is "$(states) $(unfilled) $(sql 'SELECT rows_done FROM pgstride.backfills')" '1 backfilled 0 2000' 'and nothing is done twice'
	fresh
	pass_for_cockroach cockroach --conflicts 1
	exits 5 'all of them lose' run up --yes
	like "$err" 'restart transaction' 'in the words of the server'
	like "$err" 'tried 8 times: others changed the same rows each time' 'so often'
	like "$err" 'run it again when less is written' 'and what then'
	pass_for_cockroach cockroach
	exits 0 'run again' run up --yes
	is "$(states) $(unfilled)" '1 backfilled 0' 'it goes on'
}

own_files() {
	fresh
	rm m/*
	touch m/2_thing.down.sql m/3_again.down.sql
	echo 'SELECT 1 / 0;' >m/2_thing.up.sql
	echo "INSERT INTO users VALUES ('x', 1, NULL);" >m/2_thing.cockroach.up.sql
	exits 0 'FILE.cockroach.up.sql' "$pgstride_binary" up --yes --dir m -d "postgres://postgres@$host:5432/shop"
	is "$(sql "SELECT count(*) FROM users WHERE city = 'x'")" 1 'is what runs, behind any address'
	echo "INSERT INTO users VALUES ('x', 1, NULL);" >m/3_again.up.sql
	exits 1 'rows that the server refuses' run up --yes
	like "$err" 'duplicate key' 'in its words'
	is "$(states)" '2 contracted,3 pending' 'and it is not recorded as done'
}

# Folders of other runners: their tables, and the rows by which golang-migrate locks.
foreign() {
	fresh
	rm m/* && mkdir -p p && rm -f p/*
	touch p/1_a.down.sql p/2_b.down.sql
	echo 'CREATE TABLE IF NOT EXISTS pair_a (a int);' >p/1_a.up.sql
	echo 'CREATE TABLE pair_b (a int);' >p/2_b.up.sql
	pair() { "$pgstride_binary" "$1" --dir p --layout pair -d "$roach" "${@:2}"; }
	exits 0 "golang-migrate's folder" pair up --yes --to 1
	is "$(sql 'SELECT version, dirty FROM schema_migrations')" '1|f' 'has its row'
	is "$(sql 'SELECT count(*) FROM schema_lock')|$(leases)" '0|0' 'and no lock is left'
	sql 'INSERT INTO schema_lock VALUES (1), (4242)'
	sql "INSERT INTO schema_lock SELECT lock_id FROM (VALUES ($(pair_lock shop))) v (lock_id)"
	exits 5 'while golang-migrate is at work' pair up --yes --no-wait
	like "$err" 'golang-migrate holds its own lock' 'nobody else is'
	like "$err" 'DELETE FROM schema_lock' 'and if it was killed, that is the way out'
	is "$(sql 'SELECT count(*) FROM schema_lock')" 3 'its row is left alone'
	sql 'DELETE FROM schema_lock'
	exits 137 'killed while we hold it' env PGSTRIDE_FAULT=alone_started "$root/build/pgstride-faults" up --yes --dir p --layout pair -d "$roach"
	is "$(sql 'SELECT count(*) FROM schema_lock')" 2 'our rows stay, as its own would'
	is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|t' 'and it says what golang-migrate would'
	lease_ends
	exits 0 'the next run knows them for ours' pair up --yes --no-wait
	is "$(sql 'SELECT version, dirty FROM schema_migrations')|$(sql 'SELECT count(*) FROM schema_lock')" '2|f|0' 'and gives them back'
	sql 'DROP TABLE schema_migrations, schema_lock, pair_a, pair_b'

	fresh
	sql "DROP TABLE IF EXISTS schema_migration;
		CREATE TABLE schema_migration (version varchar(48) NOT NULL, version_self int NOT NULL DEFAULT 0, rowid bigint DEFAULT 7);
		CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version);
		INSERT INTO schema_migration VALUES ('20240101000000000000', 0)"
	rm p/*
	echo 'SELECT 1 / 0;' >p/20240101000000000000_a.cockroach.up.sql
	echo 'CREATE TABLE popped (a int);' >p/20240102000000000000_b.cockroach.up.sql
	touch p/20240101000000000000_a.down.sql p/20240102000000000000_b.down.sql
	exits 0 "popx' folder" "$pgstride_binary" up --yes --dir p --layout popx -d "$roach"
	is "$(sql 'SELECT version FROM schema_migration ORDER BY 1' | tr '\n' ' ')" '20240101000000000000 20240102000000000000 ' 'what it had applied is, and the rest is written there'
	sql 'DROP TABLE schema_migration, popped'

	fresh
	rm p/*
	printf -- '-- migrate:up\nCREATE TABLE mated (a int);\n-- migrate:down\nDROP TABLE mated;\n' >p/20240101_mated.sql
	exits 0 "dbmate's folder" "$pgstride_binary" up --yes --dir p --layout dbmate -d "$roach"
	is "$(sql 'SELECT version FROM schema_migrations')" 20240101 'has its row'
	exits 0 'and the way back' "$pgstride_binary" down --yes --dir p --layout dbmate -d "$roach"
	is "$(sql 'SELECT count(*) FROM schema_migrations')" 0 'takes it out'
	sql 'DROP TABLE schema_migrations'

	fresh
	rm p/*
	printf -- '-- +goose Up\nCREATE TABLE goosed (a int);\n-- +goose Down\nDROP TABLE goosed;\n' >p/00001_goosed.sql
	exits 0 "goose's folder" "$pgstride_binary" up --yes --dir p --layout goose -d "$roach"
	is "$(sql 'SELECT version_id FROM goose_db_version ORDER BY id' | tr '\n' ' ')" '0 1 ' 'has its rows'
	sql 'DROP TABLE goose_db_version, goosed'
}

# Flyway locks by a row of its table, which counts for ten minutes unless it is renewed.
flyway() {
	fresh
	rm -rf m/* p && mkdir p
	local rows="SELECT string_agg(concat_ws(' ', installed_rank, version, type, script, checksum, installed_by, success), ',' ORDER BY installed_rank) FROM flyway_schema_history"
	echo 'CREATE TABLE flown (a int);' >p/V1__flown.sql
	echo 'CREATE TABLE farther (a int);' >p/V2__farther.sql
	fly() { "$pgstride_binary" "$1" --dir p --layout flyway -d "$roach" "${@:2}"; }
	exits 0 "Flyway's folder" fly up --yes --to 1
	is "$(sql "$rows")" "1 1 SQL V1__flown.sql $(flyway_sum p/V1__flown.sql) postgres t" 'has its row, of rank 1, and no lock is left'
	is "$(leases)" 0 'nor a lease'
	sql "INSERT INTO flyway_schema_history VALUES (-100, 'a1b2c3', 'flyway-lock', '', '', 0, '', now(), 0, true)"
	exits 5 'while Flyway is at work' fly up --yes --no-wait
	like "$err" 'Flyway holds its own lock: wait for it to finish. If it was killed, its row counts for ten minutes' 'nobody else is'
	is "$(sql "SELECT version FROM flyway_schema_history WHERE installed_rank = -100")" a1b2c3 'its row is left alone'
	exits 0 'status reads on' fly status
	sql "UPDATE flyway_schema_history SET installed_on = now() - interval '11 minutes' WHERE installed_rank = -100"
	exits 137 'an old one counts no more; killed while we hold it' env PGSTRIDE_FAULT=alone_started "$root/build/pgstride-faults" up --yes --dir p --layout flyway -d "$roach"
	like "$(sql "SELECT version || ' ' || description FROM flyway_schema_history WHERE installed_rank = -100")" '^pgstride [0-9a-f]{32} flyway-lock$' 'our row stays, and keeps Flyway out'
	lease_ends
	exits 0 'the next run knows it for ours' fly up --yes --no-wait
	is "$(sql "$rows" | tr ',' '\n' | cut -d' ' -f1-4 | tr '\n' ';')" '1 1 SQL V1__flown.sql;2 2 SQL V2__farther.sql;' 'takes it over, and gives it back'
	exits 0 'nothing is pending' fly up --yes

	echo 'SELECT pg_sleep(120); CREATE TABLE farthest (a int);' >p/V3__farthest.sql
	fly up --yes >first.out 2>&1 &
	local first=$!
	wait_until sql "SELECT 1 / count(*) FROM flyway_schema_history WHERE installed_rank = -100"
	sql "UPDATE flyway_schema_history SET installed_on = now() - interval '1 hour' WHERE installed_rank = -100"
	holds 'a run that goes on renews its row' wait_until sql "SELECT 1 / count(*) FROM flyway_schema_history WHERE installed_rank = -100 AND installed_on > now() - interval '1 minute'"
	sql "UPDATE flyway_schema_history SET version = 'd4e5f6' WHERE installed_rank = -100"
	ends "$first" 'a run whose lock was taken away' first.out
	wait "$first"
	is $? 4 'it ends refused, in the middle of a statement'
	like "$(cat first.out)" 'the lock of Flyway is no longer ours' 'and says why'
	sql 'DROP TABLE flyway_schema_history, flown, farther; DROP TABLE IF EXISTS farthest'
}

drizzle() {
	fresh
	rm -rf p && mkdir -p p/meta
	echo 'CREATE TABLE drizzled (a int);' >p/0000_first.sql
	echo '{"version":"7","dialect":"postgresql","entries":[{"idx":0,"version":"7","when":1700000000000,"tag":"0000_first","breakpoints":true}]}' >p/meta/_journal.json
	exits 0 "drizzle's folder" "$pgstride_binary" up --yes --dir p --layout drizzle -d "$roach"
	is "$(sql 'SELECT created_at, hash FROM drizzle.__drizzle_migrations')" "1700000000000|$(sha256sum <p/0000_first.sql | cut -d' ' -f1)" 'has its row, in its schema'
	is "$(sql "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'pgstride__%drizzle%'")" 0 'and nothing of ours beside it'
	sql 'DROP SCHEMA pgstride CASCADE'
	exits 0 'what drizzle had applied' "$pgstride_binary" up --yes --dir p --layout drizzle -d "$roach"
	like "$err" 'adopted from drizzle: 1 migration' 'is not applied again'
	sql 'DROP SCHEMA drizzle CASCADE; DROP TABLE drizzled'
}
# It takes no lock on CockroachDB, so neither do we for it.
atlas() {
	local revisions=atlas_schema_revisions.atlas_schema_revisions text='CREATE TABLE half (a int);'
	atlas_up() { "$pgstride_binary" up --yes --dir p --layout atlas -d "$roach"; }
	fresh
	rm -rf p && mkdir p
	printf '%s\n' 'CREATE TABLE revised (a int);' 'CREATE TABLE again (a int);' >p/20240101000000_revised.sql
	sealed p
	exits 0 "Atlas' folder" atlas_up
	is "$(sql "SELECT version, description, type, applied, total, error, 'h1:' || hash, partial_hashes FROM $revisions")" \
		"20240101000000|revised|2|2|2||$(sed -n '2s/.* //p' p/atlas.sum)|" 'has its row, in its schema'
	is "$(sql "SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'pgstride_%atlas%'")" 0 'and nothing of ours beside it'
	sql 'DROP SCHEMA pgstride CASCADE'
	printf '%s\n' "$text" 'CREATE TABLE whole (a int);' >p/20240102000000_half.sql
	sealed p
	sql "$text INSERT INTO $revisions VALUES ('20240102000000', 'half', 2, 1, 2, now(), 1, 'no', 'it', '$(sed -n '3s/.* h1://p' p/atlas.sum)',
		'[\"h1:$(printf %s "$text" | openssl dgst -sha256 -binary | base64)\"]', 'Atlas CLI')"
	exits 0 'what Atlas had applied, and half of a file' atlas_up
	like "$err" 'adopted from Atlas: 1 migration' 'the one is not applied again'
	is "$(sql "SELECT to_regclass('whole') IS NOT NULL, applied, total, error, partial_hashes FROM $revisions WHERE version = '20240102000000'")" \
		't|2|2||' 'and of the other the second half is'
	sql 'DROP SCHEMA pgstride, atlas_schema_revisions CASCADE; DROP TABLE revised, again, half, whole'

	echo 'CREATE TABLE third (a int);' >p/20240103000000_third.sql
	sealed p
	sql "CREATE TABLE atlas_schema_revisions (version varchar PRIMARY KEY, description varchar, type bigint, applied bigint, total bigint, executed_at timestamptz,
			execution_time bigint, error text, error_stmt text, hash varchar, partial_hashes jsonb, operator_version varchar);
		INSERT INTO atlas_schema_revisions VALUES ('20240102000000', 'half', 1, 0, 0, now(), 0, NULL, NULL, '', NULL, 'Atlas CLI')"
	exits 0 'its table in the schema that it was told to connect to' atlas_up
	is "$(sql "SELECT string_agg(version || ' ' || total, ',' ORDER BY version) FROM atlas_schema_revisions")" '20240102000000 0,20240103000000 1' 'goes on there, behind its baseline'
	sql 'DROP TABLE atlas_schema_revisions, third'
}
flyway_sum() { python3 -c "import sys, zlib; s = zlib.crc32(b''.join(open(sys.argv[1], 'rb').read().splitlines())); print(s - (s >> 31 << 32))" "$1"; }
# pair_lock DATABASE: the number by which golang-migrate locks it there.
pair_lock() {
	local crc
	crc=$(printf %s "$1" | gzip -c | tail -c8 | od -An -N4 -tu4 --endian=little)
	echo $((crc * 1486364155 % (1 << 32)))
}

who_answers
all_phases
killed_anywhere
replaced
orphaned
conflicts
own_files
foreign
flyway
drizzle
atlas
finish
