#!/bin/bash
# extended
# extension_sweep.sh: where the server has the extension it sweeps by itself; what it
# cannot do (a row that somebody has, one that refuses its value, a table that is
# locked) is done by our own batches, and the end is the same.
. "$(dirname "$0")/../fills.sh"
start_postgres 'deadlock_timeout = 200ms' "log_statement = 'all'" 'autovacuum = off'

# What the server was told since the last time this was asked.
told_from=1
told() {
	local log
	log=$(tail -n +"$told_from" "$server/log")
	told_from=$(($(wc -l <"$server/log") + 1))
	grep -c -- "$1" <<<"$log"
}

# --- it is used, and its rows stay where they are ------------------------------------------
world plain 30000
migration "$add_column" "$copy_email" sync:both
told . >/dev/null
exits 0 'plain: up' up
holds 'plain: the server was called' [ "$(told 'CALL pgstride_server.sweep')" -ge 1 ]
is "$(unfilled)" 0 'plain: every row is filled'
is "$(record rows_done)" 30000 'plain: each row once'
holds 'plain: in many transactions' [ "$(record batches)" -gt 10 ]
holds 'plain: nearly all in place' [ "$(record '(hot_rows * 10 > rows_done * 6)::int')" -eq 1 ]
is "$(record 'swept AND verified AND position = end_block')" t 'plain: swept and verified'
like "$err" 'HOT [0-9]+ %' 'plain: progress says how many stayed'

# --- without the privilege, and without a sweep, everything is the same ---------------------
world closed 3000
sql 'ALTER PROCEDURE pgstride_server.sweep RENAME TO swept'
migration "$add_column" "$copy_email" sync:both
exits 0 'a sweep that is missing: up' up
is "$(unfilled)" 0 'a sweep that is missing: every row is filled'
is "$(record rows_done)" 3000 'a sweep that is missing: each row once'

# --- rows that refuse --------------------------------------------------------------------
world poison 6000
sql "UPDATE accounts SET code = 'none' WHERE id IN (7, 3000, 3001)"
sql 'VACUUM FULL accounts'
migration 'ALTER TABLE accounts ADD COLUMN number int' \
	"UPDATE accounts SET number = CASE WHEN code = 'none' THEN code::int ELSE id END WHERE number IS NULL" sync:off
exits 1 'rows that refuse: up says so' up
is "$(sql 'SELECT count(*) FROM accounts WHERE number IS NULL')" 3 'rows that refuse: all others are filled'
is "$(sql "SELECT string_agg(key, '; ' ORDER BY key) FROM pgstride.set_aside")" 'id 3000; id 3001; id 7' 'rows that refuse: set aside by their keys'
is "$(record rows_done)" 5997 'rows that refuse: the others once'

# Without an expand, which would wait for whoever is in the way.
touch_all() { migration '' 'UPDATE accounts SET touched = 1 WHERE touched = 0' sync:off; }
untouched() { sql 'SELECT count(*) FROM accounts WHERE touched = 0'; }

# --- a row that somebody has ----------------------------------------------------------------
world held 6000
touch_all
psql_session holder
say holder 'BEGIN; SELECT id FROM accounts WHERE id = 4000 FOR UPDATE;'
wait_until session_is holder 'idle in transaction' || not_ok 'held: somebody has a row'
up_behind
holds 'held: all other rows are filled meanwhile' wait_until eval '[ "$(untouched)" = 1 ]'
holds 'held: the block is kept as skipped' wait_until eval '[ "$(record skipped)" != "{}" ]'
say holder 'ROLLBACK;'
up_ended 0 'held: up ends when it is let go'
hang_up holder
is "$(untouched)" 0 'held: every row is filled'
is "$(record rows_done)" 6000 'held: each row once'

# --- an older snapshot: waited for, named, then gone past -------------------------------------
world stale 6000
touch_all
psql_session reader
say reader 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM accounts;'
wait_until session_is reader 'idle in transaction' || not_ok 'stale: somebody reads'
exits 0 'an older snapshot: up ends all the same' up
like "$err" 'an older snapshot still sees the rows of the last pass: .*reader' 'an older snapshot: whose it is'
is "$(untouched)" 0 'an older snapshot: every row is filled'
is "$(record rows_done)" 6000 'an older snapshot: each row once'
like "$err" 'rows in .* rested ([0-9.]+ s|[5-9][0-9]{2} ms) of it' 'an older snapshot: and for how long it was waited for'

# One worker has nothing left to do, the other waits with ranges open: they are not cut up
# and begun again, which would only have two wait.
say reader 'COMMIT;'
hang_up reader
world uneven 150000
sql 'UPDATE accounts SET touched = 1 WHERE id > 3000'
sql 'VACUUM FULL accounts'
touch_all
psql_session reader
say reader 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM accounts;'
wait_until session_is reader 'idle in transaction' || not_ok 'uneven: somebody reads'
told . >/dev/null
exits 0 'one worker waits for a snapshot, one is done: up' up --workers 2
holds 'one waits: for the reader' grep -q 'an older snapshot still sees .*reader' <<<"$err"
holds 'one waits: the table is shared out at the start, and hardly again' [ "$(told 'Cuts the table')" -le 2 ]
is "$(untouched)" 0 'one waits: every row is filled'
say reader 'COMMIT;'
hang_up reader

# --- a table that is locked -------------------------------------------------------------------
world barred 6000
touch_all
psql_session barrier
say barrier 'BEGIN; LOCK TABLE accounts IN SHARE MODE;'
wait_until session_is barrier 'idle in transaction' || not_ok 'barred: somebody has the table'
up_behind
holds 'a table that is locked: it says so' wait_until grep -q 'others have a lock on table "accounts"' "$tmp/behind.err"
is "$(sql "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'accounts'::regclass")" 0 'a table that is locked: nobody queues'
say barrier 'ROLLBACK;'
up_ended 0 'a table that is locked: up ends when it is let go'
hang_up barrier
is "$(untouched)" 0 'a table that is locked: every row is filled'

# --- rows that become slow in the middle of a statement ---------------------------------------
# The sweep asks who waits between two statements only; within one the client looks.
world slower 6000
rows_take 1000
sql 'CREATE TRIGGER slowly BEFORE UPDATE ON accounts FOR EACH ROW WHEN (NEW.id > 3000) EXECUTE FUNCTION slowly()'
touch_all
up_behind
sleeps() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'CALL pgstride_server.sweep%'")" = 1 ]; }
holds 'slow rows: the server is in the middle of them' wait_until sleeps
held=$(sql 'WITH free AS (SELECT id FROM accounts WHERE id > 3000 FOR UPDATE SKIP LOCKED)
	SELECT min(id) FROM (SELECT id FROM accounts WHERE id > 3000 EXCEPT SELECT id FROM free) held')
exits 0 'slow rows: who wants one of them does not wait for all' sql "SET lock_timeout = '5s'; SELECT FROM accounts WHERE id = $held FOR UPDATE"
full_speed
up_ended 0 'slow rows: up ends'
is "$(untouched)" 0 'slow rows: every row is filled'
is "$(sql 'SELECT max(stall_ms) BETWEEN 1 AND 500 FROM pgstride.steps')" t 'slow rows: he waited for a look or two' "$(sql 'SELECT max(stall_ms) FROM pgstride.steps')"
finish
