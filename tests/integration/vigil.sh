#!/bin/bash
# alone
# vigil.sh: a step that outlasts the stall budget while nobody waits for it goes on; once
# somebody does, or nobody can look, it ends in time, whoever of ours is killed meanwhile.
#
# The server judges, at twice the budget; the step would take a minute, and its own arm
# would end it after almost four times the budget.
. "$(dirname "$0")/../lib.sh"
start_postgres 'deadlock_timeout = 2s'
new_database shop
# Every ALTER TABLE of orders takes as long as that says; one that is deaf does not hear
# the first cancel.
sql "CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders SELECT generate_series(1, 100);
     CREATE TABLE dawdling (seconds float8, deaf bool); INSERT INTO dawdling VALUES (0.4, false);
     CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS \$f\$ BEGIN
         IF current_query() !~ 'TABLE orders' THEN RETURN; END IF;
         BEGIN
             PERFORM pg_sleep((SELECT seconds FROM dawdling));
         EXCEPTION WHEN query_canceled THEN
             IF SQLERRM !~ 'user request' OR NOT (SELECT deaf FROM dawdling) THEN RAISE; END IF;
             PERFORM pg_sleep((SELECT seconds FROM dawdling));
         END; END \$f\$;
     CREATE EVENT TRIGGER dawdle ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE PROCEDURE dawdle()"
# takes SECONDS [DEAF]
takes() { sql "UPDATE dawdling SET seconds = $1, deaf = ${2:-false}"; }
has_column() { sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = '$1' AND NOT attisdropped"; }
spent() { sql "SELECT $1 FROM pgstride.steps WHERE title ~ ' $2\$'"; }

# migration COLUMN: the only one of its folder.
migration() {
	mkdir "$tmp/$1"
	printf -- '-- migrate:up\nALTER TABLE orders ADD COLUMN %s int;\n' "$1" >"$tmp/$1/20260101_$1.sql"
}
move() { pgstride up --yes --component "$1" --dir "$tmp/$1" "${@:2}"; }

# --- nobody waits --------------------------------------------------------------------------

migration alone
exits 0 'nobody waits: what takes four times the budget is done' move alone --max-stall 100ms
is "$(has_column alone)" 1 'nobody waits: it is there'
like "$err" 'held [0-9.]+ m?s while nobody waited' 'nobody waits: told how long it was held, and that nobody waited'
is "$(spent 'held_ms >= 400 AND stall_ms < held_ms' alone)" t 'nobody waits: the record tells one from the other'

# What a standby replays locks out readers whom nobody here can see.
migration replayed
mkfifo "$tmp/standby"
psql -XAtq 'replication=true' <"$tmp/standby" &
standby=$! && exec {line}>"$tmp/standby"
streams() { [ "$(sql 'SELECT count(*) FROM pg_stat_replication')" = 1 ]; }
wait_until streams
exits 4 'a standby streams: what outlasts the budget is refused' move replayed --max-stall 100ms
is "$(has_column replayed)" 0 'a standby streams: nothing is left'
exec {line}>&- && wait $standby

# --- somebody comes ------------------------------------------------------------------------

stalls() { tail -n "+$((marked + 1))" "$server/log" | grep ' application LOG: .* still waiting for'; }
cancels() { tail -n "+$((marked + 1))" "$server/log" | grep -c 'ERROR:  canceling statement due to user request'; }
vigil_pid() { sql "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 7239 AND granted"; }
# The step holds its lock, with a vigil over it.
dawdles() { [ -n "$(sql "SELECT 1 FROM pg_stat_activity a JOIN pg_locks l ON l.objid = a.pid::oid AND l.classid = 7239 WHERE a.wait_event = 'PgSleep' AND EXISTS (SELECT FROM pg_locks t WHERE t.pid = a.pid AND t.relation = 'orders'::regclass AND t.mode = 'AccessExclusiveLock')")" ]; }

# begin COLUMN [DEAF]: up, in the background, until it holds its lock for longer than the
# budget.
begin() {
	migration "$1"
	takes 60 "${2:-}"
	marked=$(wc -l <"$server/log")
	"$pgstride_binary" up --yes --component "$1" --dir "$tmp/$1" --max-stall 1s >"$tmp/$1.log" 2>&1 &
	up=$!
	wait_until dawdles || not_ok "$1: it outlasts the budget" "$(cat "$tmp/$1.log")"
}
# comes WHAT: an application that wants the table gets it in time.
comes() {
	is "$(PGAPPNAME=application psql -XAtqc 'SELECT count(*) FROM orders')" 100 "$1: an application that comes is served"
	is "$(stalls)" '' "$1: and did not wait for twice the budget"
	is "$(has_column "$1")" 0 "$1: the step was taken back"
}
# goes_on COLUMN: what was begun ends well once it takes no time.
goes_on() {
	takes 0
	ends $up "$1" "$tmp/$1.log"
	wait $up
	is $? 0 "$1: tried again, it is applied"
	is "$(has_column "$1")" 1 "$1: the column is there"
}

begin met
comes met
is "$(cancels)" 1 'met: it was cancelled for the application'
goes_on met

begin unwatched true
marked=$(wc -l <"$server/log")
sql "SELECT pg_terminate_backend($(vigil_pid))" >/dev/null
cancelled() { [ "$(cancels)" -gt 0 ]; }
comes unwatched
is "$(cancels)" 1 'unwatched: without its vigil it is cancelled, until it hears'
goes_on unwatched

begin orphaned
kill -KILL $up
wait $up 2>/dev/null
comes orphaned
nothing_left() { [ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgstride%'")" = 0 ]; }
holds 'orphaned: nothing of the killed run is left' wait_until nothing_left
takes 0
exits 0 'orphaned: the next run applies it' move orphaned
is "$(has_column orphaned)" 1 'orphaned: the column is there'
finish
