#!/bin/bash
# watch.sh: looking on from elsewhere, reading only: the run, why it rests, who waits for
# whom, and what a role that sees little would need.
. "$(dirname "$0")/../lib.sh"
start_postgres 'wal_level = logical' 'autovacuum = off'

elsewhere() { (cd / && "$pgstride_binary" "$@"); } # no folder there
look() { elsewhere watch --once; }
looks() { look >"$tmp/seen" && grep -Eq -- "$1" "$tmp/seen"; }
seen() { cat "$tmp/seen"; } # what the last look showed
json() { elsewhere watch --once --format json | jq -r "$1"; }

new_database shop
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text);
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, 100000) g"
mkdir "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' \
	'CREATE INDEX accounts_new_email ON accounts (new_email)' >"$tmp/migrations/20260101_fill.sql"

# --- before anything ran -------------------------------------------------------------------
exits 0 'nothing ran yet: exit 0' elsewhere watch --once
like "$out" '^shop on PostgreSQL [0-9.]+ · [0-9:]{8} UTC$' 'where it looks, and when'
like "$out" '^nothing has run here' 'nothing ran yet: it says so'
is "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'")" 0 'looking creates nothing'

# --- a run that rests ------------------------------------------------------------------------
touch "$tmp/rest"
"$pgstride_binary" up --yes --dir "$tmp/migrations" --batch-time 5ms --throttle-file "$tmp/rest" >"$tmp/out" 2>"$tmp/err" &
run=$!
holds 'why it rests' wait_until looks "resting: file \"$tmp/rest\" exists"
like "$(seen)" "^up by $(id -un)@$(hostname) since [-0-9]+ [0-9:]+ UTC: at work" 'who runs what, since when'
like "$(seen)" '^  20260101_fill$' 'which migration'
like "$(seen)" 'backfill 2 +accounts +[0-9]+ %   [0-9,]+ of [0-9,]+' 'how far it is'
like "$(seen)" 'batch [0-9.]+ ms · HOT [0-9]+ % · WAL [0-9.]+ .?B' 'what its batches cost'
is "$(json '.result.runs[0] | [.verb, .connected, .migration, .phase, .step, .title] | join(" ")')" 'up true 20260101_fill backfill 2 accounts' 'the same as JSON'
like "$(json '.result.runs[0].resting')" "file \"$tmp/rest\" exists" 'JSON says why it rests'
said=$(elsewhere status --dir "$tmp/migrations")
like "$said" "^At work: up by $(id -un)@$(hostname) since [0-9: -]+UTC" 'status says that a run is at work, whose and since when'
like "$said" '^  20260101_fill: backfill 2, accounts +[0-9]+ %' '... and how far it is with what'
like "$said" "^  resting: file \"$tmp/rest\" exists" '... and why it rests'
is "$(elsewhere status --dir "$tmp/migrations" --format json | jq -r '.result.at_work | [.migration, .phase, .step] | join(" ")')" '20260101_fill backfill 2' '... as JSON, too'
like "$(elsewhere plan --dir "$tmp/migrations" 2>&1)" 'accounts \([0-9,]+ rows, [0-9.]+ .B with [0-9]+ index' 'plan says which size is with indexes'
elsewhere pause >/dev/null
holds 'that it is paused, and by whom' wait_until looks "^  paused by $(id -un)@$(hostname) since .* UTC: pgstride resume"
is "$(json '.result.runs[0] | [.paused_by, (.rows_done > 0)] | join(" ")')" "$(id -un)@$(hostname) true" 'while it is paused, what it has done is still shown'
elsewhere resume >/dev/null

# --- who waits for whom ------------------------------------------------------------------------
sql "SELECT pg_create_physical_replication_slot('lazy', true)" >/dev/null
psql_session writer
say writer "BEGIN; INSERT INTO accounts VALUES (0, 'new');"
writer_waits() { [ "$(sql "SELECT state FROM pg_stat_activity WHERE application_name = 'writer'")" = 'idle in transaction' ]; }
wait_until writer_waits
rm "$tmp/rest"
ours_waits() { looks '  └ pid [0-9]+ .*"pgstride up main \(worker\)"  ← pgstride  waits for (virtualxid|transactionid)'; }
holds 'our concurrent index waits for a writer: marked as ours, below whom it waits for' wait_until ours_waits
like "$(seen)" '^  pid [0-9]+ postgres@local "writer"  idle in transaction for .* INSERT INTO accounts' 'at the root who waits for nobody'
PGAPPNAME=second psql -XAtqc "INSERT INTO accounts VALUES (0, 'again')" >/dev/null 2>&1 &
second_waits() { looks '    └ pid [0-9]+ postgres@local "second"  waits for (transactionid|tuple)'; }
holds 'and everybody else who waits' wait_until second_waits
if since 12 "the server's own progress"; then
	like "$(seen)" 'CREATE INDEX CONCURRENTLY of accounts: .* \(pid [0-9]+, pgstride\)' "the server's own progress"
fi
like "$(seen)" 'slot lazy: physical, nobody reads it, keeps [0-9.]+ .?B of WAL' 'slots and what they keep'
is "$(json '[.result.waiting[] | select(.ours) | .blockers[0]] | length')" 1 'JSON: ours, and whom it waits for'
say writer 'COMMIT;'
hang_up writer
wait "$run"
is "$?" 0 'looking on disturbs nothing: the run ends well'
holds 'what has ended is said to be done' looks '^up by .*: done'

# --- a terminal, a pipe, a server that goes away --------------------------------------------------
psql_session old
say old 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;'
holds 'the oldest snapshot' wait_until looks 'oldest snapshot'
like "$(seen)" 'pid [0-9]+ postgres@local "old"  idle in transaction for' 'and whose it is'
hang_up old
"$pgstride_binary" watch >"$tmp/blocks" 2>&1 &
watcher=$!
blocks() { [ "$(grep -c '^shop on' "$tmp/blocks")" -ge "$1" ]; }
holds 'on a pipe: block below block' wait_until blocks 2
restart_postgres fast
holds 'the server went away: it says so and tries again' wait_until grep -q 'trying again every second' "$tmp/blocks"
before=$(grep -c '^shop on' "$tmp/blocks")
holds 'the server is back: it looks on' wait_until blocks $((before + 1))
kill -INT "$watcher"
wait "$watcher"
is "$?" 0 'Ctrl-C ends it well'
unlike "$(cat "$tmp/blocks")" $'\033' 'on a pipe: no escape sequences'
exits 0 'a reader that has seen enough ends it' timeout 20 bash -o pipefail -c "'$pgstride_binary' watch | head -n 1"
in_terminal '' timeout -s INT 5 "$pgstride_binary" watch
like "$out" $'\033\\[H' 'on a terminal: drawn over from its top'
exits 6 'no server, --once: exit 6' pgstride watch --once "host=$tmp dbname=shop connect_timeout=2"

# --- few privileges ---------------------------------------------------------------------------------
sql 'CREATE ROLE plain LOGIN'
export PGSTRIDE_DATABASE="host=$server port=5432 user=plain dbname=shop"
exits 0 'a role that sees little: exit 0' elsewhere watch --once
like "$out" 'GRANT USAGE ON SCHEMA pgstride, and SELECT' 'the grant that shows the runs'
like "$out" 'GRANT pg_read_all_stats' 'the grant that shows the rest'
unlike "$out" 'nothing has run here' 'what is hidden is not called nothing'
finish
