#!/bin/bash
# unanswered.sh: even looking at a table waits behind who has it locked. Whoever that is,
# is named; patience and a stop end it; and a sweep that meets it goes on behind it.
. "$(dirname "$0")/../fills.sh"
start_postgres 'autovacuum = off'
make_gate
psql_session barrier

# bar TABLE: somebody has it for himself; unbar.
bar() {
	say barrier "BEGIN; LOCK TABLE $1;"
	wait_until session_is barrier 'idle in transaction' || not_ok 'somebody has the table'
}
unbar() { say barrier 'ROLLBACK;'; }
move_barrier() {
	hang_up barrier
	psql_session barrier
}
keeper='held by pid [0-9]+ postgres@local "barrier": idle in transaction for .*LOCK TABLE'
# behind WORD...: a command in the background, which says soon whom it waits for.
behind() {
	rm -f "$tmp/behind.out" "$tmp/behind.err"
	"$pgstride_binary" "$@" --dir "$tmp/migrations" >"$tmp/behind.out" 2>"$tmp/behind.err" </dev/null &
	behind=$!
	holds "$1: whom it waits for is said" wait_until grep -qE "waiting for .*accounts: $keeper" "$tmp/behind.err"
}

# --- before anything is done ----------------------------------------------------------------

world planned 3000
move_barrier
migration "$add_column" "$copy_email" sync:both
bar accounts
behind plan
unbar
up_ended 0 'plan: goes on when it is let go'
is "$(grep -c 'held by' "$tmp/behind.err")" 1 'plan: it is said once'

bar accounts
exits 5 'up: not for longer than the patience for locks' up --lock-patience 2s
like "$err" '^Error: .*accounts was locked by others for 2' 'up, out of patience: what is locked'
like "$err" "^  $keeper" 'up, out of patience: by whom'
like "$err" 'hint: .*pg_terminate_backend' 'up, out of patience: the cure'
is "$(sql "SELECT count(*) FROM pgstride.steps")" 0 'up, out of patience: nothing was done'
for signal in INT TERM; do
	behind up --yes
	signalled=$SECONDS
	kill -"$signal" "$behind"
	up_ended 75 "up, $signal: stopped"
	holds "up, $signal: at once" [ $((SECONDS - signalled)) -le 10 ]
	like "$(cat "$tmp/behind.err")" 'Stopped: .*the server had not answered yet' "up, $signal: why"
done
unbar

# --- our own tables -----------------------------------------------------------------------

say barrier 'BEGIN; LOCK TABLE pgstride.runners;'
wait_until session_is barrier 'idle in transaction'
up_behind
holds 'the history is locked: by whom is said' wait_until grep -qE "waiting for pgstride.runners: $keeper" "$tmp/behind.err"
unbar
up_ended 0 'the history is locked: up goes on when it is let go'
is "$(unfilled)" 0 'the history is locked: and everything is done'

# --- between the sweep and its proof ------------------------------------------------------

world proved 3000
move_barrier
migration "$add_column" "$copy_email" sync:both
PGSTRIDE_FAULT=sweep_done:1:STOP "$root/build/pgstride-faults" up --yes --dir "$tmp/migrations" >"$tmp/behind.out" 2>"$tmp/behind.err" &
behind=$!
is_stopped() { grep -q '^State:[[:space:]]*T' "/proc/$behind/status"; }
wait_until is_stopped || not_ok 'proof: it has swept'
bar accounts
kill -CONT "$behind"
holds 'proof: for whom it waits is said' wait_until grep -qE "waiting for accounts: $keeper" "$tmp/behind.err"
unbar
up_ended 0 'proof: goes on when it is let go'

# In the midst of it: the first range is being read, and the lock is had before the next.
world proving 60000
move_barrier
sql "CREATE FUNCTION slowly(touched int) RETURNS int STABLE LANGUAGE plpgsql AS '
     BEGIN IF current_setting(''transaction_read_only'') = ''on'' THEN PERFORM public.at_gate(); END IF; RETURN touched; END'"
make_gate
migration '' 'UPDATE accounts SET touched = 1 WHERE slowly(touched) = 0' sync:off
up_behind
at_the_gate() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" -gt 0 ]; }
wait_until at_the_gate || not_ok 'proving: it reads'
say barrier 'BEGIN; LOCK TABLE accounts;'
queued() { [ "$(sql "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts'::regclass")" = 1 ]; }
wait_until queued || not_ok 'proving: somebody queues for the table'
open_gate
holds 'proving: that others have the table is said' wait_until grep -q 'others have a lock on table "accounts"' "$tmp/behind.err"
unbar
up_ended 0 'proving: goes on when it is let go'
is "$(sql 'SELECT count(*) FROM accounts WHERE touched = 0')" 0 'proving: and everything is done'
hang_up barrier
finish
