#!/bin/bash
# throttle.sh: a backfill rests while a replica is behind, says why, and goes on.
. "$(dirname "$0")/../lib.sh"
start_postgres
standby=$(TMPDIR=/tmp mktemp -d)
stop_all() {
	"$root/tests/servers/pg.sh" stop "$standby" immediate
	rm -rf "$standby"
	clean_up
}
trap stop_all EXIT
replica() { PGHOST=$standby sql "$1"; }
written() { sql 'SELECT coalesce(sum(rows_done), 0) FROM pgstride.backfills' 2>/dev/null || echo 0; }
rests() { grep -q 'is .* behind' "$tmp/err"; }

new_database shop
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text);
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, 150000) g"
slow_rows accounts
mkdir "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"

"$root/tests/servers/pg.sh" standby "$standby" "$server" 'hot_standby = on' "cluster_name = 'standby1'" >/dev/null || exit 1
wait_until sh -c '[ "$(psql -XAtqc "SELECT count(*) FROM pg_stat_replication WHERE state = '"'streaming'"'")" = 1 ]'
replica 'SELECT pg_wal_replay_pause()' >/dev/null

"$pgstride_binary" up --yes --dir "$tmp/migrations" --max-lag 300ms --batch-time 20ms >"$tmp/out" 2>"$tmp/err" &
run=$!
holds 'a replica that does not replay: it rests' wait_until rests
like "$(cat "$tmp/err")" 'resting [0-9.]+ m?s: replica "standby1" is .* behind \(limit 300 ms\)' 'the rest says which, how far, and the limit'
sleep 0.5
before=$(written)
sleep 1.5
is "$(written)" "$before" 'while it is behind no batch runs'
holds 'it is not done' [ "$before" -lt 150000 ]
full_speed
replica 'SELECT pg_wal_replay_resume()' >/dev/null
wait "$run"
is "$?" 0 'it replays again: goes on to the end'
is "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS DISTINCT FROM email')" 0 'every row is filled'
wait_until sh -c "[ \"\$(PGHOST=$standby psql -XAtqc 'SELECT count(*) FROM accounts WHERE new_email IS NULL')\" = 0 ]"
is "$(replica 'SELECT count(*) FROM accounts WHERE new_email IS DISTINCT FROM email')" 0 'and on the replica'

# --- a replica that stops without a word ------------------------------------------------
sql "CREATE TABLE others AS SELECT * FROM generate_series(1, 20000) id, LATERAL (SELECT 'o' || id AS email) e"
slow_rows others
sed 's/accounts/others/g' "$tmp/migrations/20260101_fill.sql" >"$tmp/migrations/20260102_fill_others.sql"
receiver=$(replica 'SELECT pid FROM pg_stat_wal_receiver')
kill -STOP "$receiver"
before=$(written)
rm -f "$tmp/err" # of an earlier one
"$pgstride_binary" up --yes --dir "$tmp/migrations" --max-lag 500ms --batch-time 20ms >"$tmp/out" 2>"$tmp/err" &
run=$!
holds 'a replica that is stopped: it rests' wait_until rests
holds 'a replica that is stopped: within its limit, long before half of the rows' [ $(($(written) - before)) -lt 10000 ]
like "$(cat "$tmp/err")" 'is [0-9.]+ (m?s|[kM]?B) behind' 'a replica that is stopped: it says how far it is behind'
before=$(written)
sleep 1
is "$(written)" "$before" 'while it is stopped no batch runs'
full_speed
kill -CONT "$receiver"
wait "$run"
is "$?" 0 'it replays again: goes on to the end'
finish
