#!/bin/bash
# throttle_signals.sh: what makes a backfill rest, each provoked, named, and taken back.
. "$(dirname "$0")/../lib.sh"
start_postgres 'autovacuum = off' 'wal_level = logical' 'max_wal_size = 2GB'

new_database shop
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text);
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, 150000) g"
slow_rows accounts
sql 'VACUUM ANALYZE accounts'
mkdir "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"

# rests WHY WHAT [FLAG...]: a backfill rests for that reason within seconds, and is
# stopped cleanly; it goes on where the last one stopped.
rests() {
	local why=$1 what=$2
	shift 2
	rm -f "$tmp/err"
	"$pgstride_binary" up --yes --dir "$tmp/migrations" --batch-time 5ms "$@" >"$tmp/out" 2>"$tmp/err" &
	run=$!
	if wait_until grep -Eq "resting [0-9.]+ m?s: $why" "$tmp/err"; then ok "$what"; else
		not_ok "$what" "$(cat "$tmp/err")"
	fi
}
written() { sql 'SELECT coalesce(sum(rows_done), 0) FROM pgstride.backfills'; }
stands() {
	local before
	before=$(written)
	sleep 0.7
	is "$(written)" "$before" "$1"
}
stop() {
	kill -INT "$run"
	wait "$run"
	is "$?" 75 "$1: stops cleanly"
}

touch "$tmp/rest"
rests "file \"$tmp/rest\" exists" 'flag file: it rests, and says which' --throttle-file "$tmp/rest"
stands 'flag file: no batch runs'
holds 'flag file: and it was no long job' [ "$(written)" -lt 150000 ]
before=$(written)
rm "$tmp/rest"
goes_on() { [ "$(written)" -gt "$before" ]; }
holds 'flag file gone: it goes on' wait_until goes_on
stop 'flag file'

sql 'CREATE TABLE brake (on_now boolean); INSERT INTO brake VALUES (true)'
rests 'the throttle query says 1' 'query: true rests' --throttle-query 'SELECT on_now FROM brake;'
stands 'query: no batch runs'
sql 'DROP TABLE brake'
before=$(written)
holds 'a query that fails stops nothing' wait_until goes_on
like "$(cat "$tmp/err")" 'the throttle query is not heeded: .*relation "brake" does not exist' 'a query that fails is named'
is "$(grep -c 'not heeded' "$tmp/err")" 1 'a query that fails is named once'
stop 'query'
exits 2 'a query that does not parse: exit 2' pgstride up --yes --dir "$tmp/migrations" --throttle-query 'SELEC 1'
exits 2 'two queries: exit 2' pgstride up --yes --dir "$tmp/migrations" --throttle-query 'SELECT 1; SELECT 2'

rests 'the server writes [0-9.]+ .?B/s of WAL \(limit 64 kB/s\)' 'WAL rate' --max-wal-rate 64kB
stop 'WAL rate'

sql "SELECT pg_create_physical_replication_slot('lazy', true)" >/dev/null
rests 'slot "lazy" keeps [0-9.]+ .?B of WAL \(limit 64 kB\)' 'slot' --max-slot-wal 64kB
sql "SELECT pg_drop_replication_slot('lazy')" >/dev/null
before=$(written)
holds 'slot gone: it goes on' wait_until goes_on
stop 'slot'

for i in 1 2; do
	psql_session "busy$i"
	say "busy$i" 'SELECT pg_sleep(600);'
done
rests '2 other sessions are active \(limit 1\)' 'active sessions' --max-active 1
stop 'active sessions'
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()" >/dev/null

sql "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN new; END';
     CREATE TRIGGER slow BEFORE UPDATE ON pgstride.pulse FOR EACH ROW EXECUTE FUNCTION slow()"
rests 'a small commit takes [0-9.]+ m?s \(limit 20 ms\)' 'commits that take long' --max-latency 20ms
sql 'DROP FUNCTION slow() CASCADE'
before=$(written)
holds 'commits are fast again: it goes on' wait_until goes_on
stop 'commits that take long'

rests 'it may take 10 % of the time' 'a share of the time' --max-share 10%
stop 'a share of the time'
exits 2 'a share above 100 percent: exit 2' pgstride up --yes --dir "$tmp/migrations" --max-share 101

# By rows that come and go: an UPDATE would fill those that are still to be filled.
sql "INSERT INTO accounts SELECT g, 'gone' FROM generate_series(200000, 500000) g"
sql 'DELETE FROM accounts WHERE id >= 200000'
rests '[0-9]+ % of the rows of "accounts" are dead' 'dead rows'
stop 'dead rows'

psql_session vacuum
say vacuum "SET vacuum_cost_delay = '100ms'; SET vacuum_cost_limit = 1; VACUUM accounts;"
vacuums() { [ "$(sql 'SELECT count(*) FROM pg_stat_progress_vacuum')" -gt 0 ]; }
wait_until vacuums
rests 'autovacuum works on "accounts"' 'vacuum on the table'
stop 'vacuum on the table'
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_progress_vacuum" >/dev/null

# --- few privileges ---------------------------------------------------------------------
new_database little
sql "CREATE ROLE plain LOGIN; GRANT CREATE ON DATABASE little TO plain; GRANT CREATE ON SCHEMA public TO plain;
     CREATE TABLE accounts AS SELECT g AS id, 'x' AS email FROM generate_series(1, 5000) g; ALTER TABLE accounts OWNER TO plain"
export PGSTRIDE_DATABASE="host=$server port=5432 user=plain dbname=little"
exits 0 'a role that sees little: exit 0' pgstride up --yes --dir "$tmp/migrations"
is "$(grep -c 'GRANT pg_read_all_stats' "$tmp/.err")" 1 'a role that sees little: the grant is named, once'
finish
