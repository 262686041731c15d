#!/bin/bash
# pause.sh: pause and resume from elsewhere: who said so, which lock is free, what holds.
. "$(dirname "$0")/../lib.sh"
start_postgres

# A fresh shop, slow, and a folder with one migration that fills it.
world() {
	new_database shop
	sql "CREATE TABLE accounts (id int PRIMARY KEY, email text);
	     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, 60000) g"
	slow_rows accounts
	sql 'VACUUM ANALYZE accounts'
	mkdir -p "$tmp/migrations"
	printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
		'ALTER TABLE accounts ADD COLUMN new_email text' \
		'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"
}
up_behind() {
	rm -f "$tmp/err" # of an earlier one
	"$pgstride_binary" up --yes --dir "$tmp/migrations" --batch-time 5ms "$@" >"$tmp/out" 2>"$tmp/err" &
	run=$!
}
elsewhere() { (cd / && "$pgstride_binary" "$@"); } # no folder there
written() { sql 'SELECT coalesce(sum(rows_done), 0) FROM pgstride.backfills'; }
writes() { [ "$(written)" -gt "${1:-0}" ]; }
says() { grep -Eq -- "$1" "$tmp/err"; }
rests() {
	local before
	before=$(written)
	sleep 0.7
	is "$(written)" "$before" "$1"
}
runner_lock() { sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7236 AND granted"; }
me="$(id -un)@$(hostname)"

# --- before anything ran ----------------------------------------------------------------
world
exits 0 'pause before anything ran: exit 0' elsewhere pause
like "$out" "^Paused by $me since [0-9]{2}:[0-9]{2} UTC" 'pause: who and when'
like "$out" 'Nothing is at work; whatever is started waits' 'pause: nothing is at work'
exits 0 'status of what is paused' pgstride status --dir "$tmp/migrations"
like "$out" "^Paused by $me since .*: pgstride resume" 'status says so, and what lets it go on'
like "$(pgstride status --dir "$tmp/migrations" --format json)" "\"paused\":\{\"version\":null,\"by\":\"$me\"" 'status as JSON says so'
exits 75 'up --no-wait of what is paused: exit 75' pgstride up --yes --no-wait --dir "$tmp/migrations"
like "$err" "paused by $me" 'up --no-wait: by whom'
up_behind
holds 'up of what is paused waits, and says for whom' wait_until says "! paused by $me since [0-9:]+ UTC"
is "$(sql "SELECT count(*) FROM pg_attribute WHERE attname = 'new_email'")" 0 'and has changed nothing'
exits 0 'resume: exit 0' elsewhere resume
like "$out" "At work: up by $me since .*; it goes on" 'resume: which run goes on'
holds 'it goes on, and says by whom' wait_until says "resumed by $me"

# --- in the middle ------------------------------------------------------------------------
wait_until writes
elsewhere pause >/dev/null
holds 'paused in the middle: it says so' wait_until sh -c "[ \$(grep -c '! paused by' '$tmp/err') = 2 ]"
rests 'paused: no batch runs'
is "$(runner_lock)" 0 'paused: the runner lock is free'
holds 'paused: the process stays' kill -0 "$run"
elsewhere resume --batch-time 20ms --max-lag 5s >"$tmp/resumed"
like "$(cat "$tmp/resumed")" 'goes on with batch-time=20ms max-lag=5s' 'resume: with new limits'
holds 'new limits reach the run' wait_until says "new limits from $me: batch-time=20ms max-lag=5s"
holds 'it fills on' wait_until writes "$(written)"
is "$(runner_lock)" 1 'resumed: the runner lock is its own again'
full_speed
like "$(pgstride history)" "$me +resumed: batch-time=20ms max-lag=5s" 'new limits are in the history'
wait "$run"
is "$?" 0 'paused and resumed: done in the end'
is "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS DISTINCT FROM email')" 0 'every row is filled'
is "$(written)" 60000 'each row once'

# --- an operator who forgets COMMIT, a pause that is not about us -------------------------
world
elsewhere pause 20270101 >/dev/null
up_behind
holds 'another version is paused: this one runs' wait_until writes
psql_session forgetful
say forgetful "BEGIN; UPDATE pgstride.control SET paused = true, version = NULL;"
wait_until session_is forgetful 'idle in transaction' || not_ok 'somebody forgets to commit'
holds 'an open transaction on the control row blocks no batch' wait_until writes "$(written)"
say forgetful 'ROLLBACK;'
hang_up forgetful

# --- killed while paused, taken over while paused -------------------------------------------
elsewhere pause >/dev/null
holds 'limits while it is paused' elsewhere resume --batch-time 5ms
elsewhere pause 2026 >/dev/null
wait_until says 'paused by'
{ kill -9 "$run"; wait "$run"; } 2>/dev/null
up_behind
holds 'killed and started again: still paused' wait_until says 'paused by'
rests 'still paused: no batch runs'
holds 'while it is paused another verb has its turn' pgstride mark 20260101 --to-state expanded --yes --dir "$tmp/migrations" --no-wait
elsewhere resume >/dev/null
wait "$run"
is "$?" 75 'resumed after another took over: exit 75'
like "$(cat "$tmp/err")" 'another run has taken over while this one was held' 'and says why'

# --- few privileges ------------------------------------------------------------------------
sql 'CREATE ROLE plain LOGIN'
export PGSTRIDE_DATABASE="host=$server port=5432 user=plain dbname=shop"
exits 6 'a role that may not: exit 6' elsewhere pause
like "$err" 'GRANT ' 'a role that may not: the grant is named'
finish
