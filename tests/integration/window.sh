#!/bin/bash
# window.sh: work starts, rests and goes on with its window; DDL starts only inside.
#
# The clock is faked by the test build: PGSTRIDE_WALL is the time at which it starts.
. "$(dirname "$0")/../lib.sh"
start_postgres
faults=$root/build/pgstride-faults

world() {
	new_database shop
	sql "CREATE TABLE accounts (id int PRIMARY KEY, email text);
	     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, 150000) g"
	slow_rows accounts
	sql 'VACUUM ANALYZE accounts'
}
# migration [HEADER [EXPAND-OPTION [BACKFILL-OPTION]]]
migration() {
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	{
		[ -z "${1:-}" ] || printf -- '-- pgstride: %s\n' "$1"
		printf -- '-- migrate:expand %s\n%s;\n' "${2:-}" 'ALTER TABLE accounts ADD COLUMN new_email text'
		printf -- '-- migrate:backfill sync:both %s\n%s;\n' "${3:-}" 'UPDATE accounts SET new_email = email WHERE new_email IS NULL'
	} >"$tmp/migrations/20260101_fill.sql"
}
# up_at TIME [FLAG...]: in the background, as if it were that time.
up_at() {
	local wall=$1
	shift
	rm -f "$tmp/err" # of an earlier one
	PGSTRIDE_WALL=$wall "$faults" up --yes --dir "$tmp/migrations" --batch-time 5ms "$@" >"$tmp/out" 2>"$tmp/err" &
	run=$!
}
ended() {
	wait "$run"
	is "$?" "$1" "$2"
}
says() { grep -Eq -- "$1" "$tmp/err"; }
written() { sql 'SELECT coalesce(sum(rows_done), 0) FROM pgstride.backfills' 2>/dev/null || echo 0; }
writes() { [ "$(written)" -gt "${1:-0}" ]; }
expanded() { sql "SELECT count(*) FROM pg_attribute WHERE attname = 'new_email' AND attrelid = 'accounts'::regclass"; }
sunday='sun 02:00-05:00 Europe/Berlin' # in winter 01:00 to 04:00 UTC

# --- starts, rests, resumes --------------------------------------------------------------
world
migration
up_at 2026-11-22T00:58:57 --window "$sunday"
holds 'before it opens: says when' wait_until says '! window opens sun 02:00 Europe/Berlin, in 1 min'
is "$(expanded)" 0 'before it opens: no DDL'
kill -INT "$run"
ended 75 'asked to stop before it opens: exit 75'

up_at 2026-11-22T00:59:57 --window "$sunday"
holds 'it opens: goes on' wait_until says 'window is open until sun 05:00 Europe/Berlin'
holds 'it opens: fills' wait_until writes
kill -INT "$run"
ended 75 'asked to stop: exit 75'

up_at 2026-11-22T03:59:50 --window "$sunday"
holds 'open: fills at once' wait_until writes "$(written)"
holds 'it closes: rests, and says until when' wait_until says '! window opens sun 02:00 Europe/Berlin, in 6 d 2[012] h'
before=$(written)
sleep 0.7
is "$(written)" "$before" 'closed: no batch runs'
is "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 7236")" 0 'closed: the runner lock is free'
holds 'closed: there is more to do' [ "$before" -lt 150000 ]
kill -INT "$run"
ended 75 'stopped while it rests: exit 75'

# --- --no-wait ----------------------------------------------------------------------------
# Before 14 a batch is whole blocks, and these rows are slow.
most=$([ "$server_major" -lt 14 ] && echo 15 || echo 5)
up_at 2026-11-22T03:59:57 --window "$sunday" --no-wait
ended 75 'it closes, --no-wait: exit 75'
like "$(cat "$tmp/err")" 'window opens sun 02:00 Europe/Berlin, in 6 d' 'it closes, --no-wait: says when it opens'
late=$(sql "SELECT date_part('epoch', max(updated_at) - (SELECT max(started_at) FROM pgstride.runs)) < $most FROM pgstride.backfills")
is "$late" t 'it closes, --no-wait: within one batch'
up_at 2026-11-22T03:59:57 --window "$sunday" --no-wait --workers 2
ended 75 'it closes under several workers: exit 75'
late=$(sql "SELECT date_part('epoch', max(updated_at) - (SELECT max(started_at) FROM pgstride.runs)) < $most FROM pgstride.backfills")
is "$late" t 'it closes under several workers: within one batch'
up_at 2026-11-22T12:00:00 --window "$sunday" --no-wait
ended 75 'closed, --no-wait: exit 75 at once'

# --- which window holds: flag > section > header > environment -----------------------------
world
closed='mon 02:00-03:00 UTC'
open='sun 00:00-24:00 UTC'
expect() { # STATUS WHAT [FLAG...]
	local status=$1 what=$2
	shift 2
	up_at 2026-11-22T12:00:00 --no-wait --through expand "$@"
	ended "$status" "$what"
	sql 'DROP SCHEMA IF EXISTS pgstride CASCADE; ALTER TABLE accounts DROP COLUMN IF EXISTS new_email CASCADE' 2>/dev/null
	psql -XAtq <<<"SELECT format('DROP TRIGGER %I ON accounts', tgname) FROM pg_trigger WHERE tgrelid = 'accounts'::regclass \gexec"
}
migration "window:\"$closed\"" "window:\"$open\""
expect 0 'a section beats the header'
migration "window:\"$open\"" "window:\"$closed\""
expect 75 'a closed section beats an open header'
expect 0 'the flag beats both' --window "$open"
migration "window:\"$closed\""
PGSTRIDE_WINDOW=$open expect 75 'the header beats the environment'
migration
PGSTRIDE_WINDOW=$closed expect 75 'the environment holds where nothing else is said'
migration '' "window:\"$open\"" "window:\"$closed\""
like "$(pgstride plan --dir "$tmp/migrations")" "from here on only $open" 'plan shows the window of expand'
like "$(pgstride plan --dir "$tmp/migrations")" "from here on only $closed" 'plan shows the window of backfill'

# --- what is no window ----------------------------------------------------------------------
exits 2 'a zone that does not exist: exit 2' pgstride up --yes --dir "$tmp/migrations" --window 'sun 02:00-05:00 Europe/Berln'
like "$err" 'there is no time zone "Europe/Berln"' 'and it is named'
migration '' 'window:"sun 02:00-05:00 Europe/Berln"'
exits 2 'such a zone in a file: exit 2' pgstride validate --dir "$tmp/migrations"
like "$err" '20260101_fill.sql:1: .*no time zone "Europe/Berln"' 'and it is named with its line'
exits 2 'no zone at all: exit 2' pgstride window 'sun 02:00-05:00'

# --- the verb --------------------------------------------------------------------------------
PGSTRIDE_WALL=2026-10-24T20:00:00 keep "$faults" window 'sun 02:15-02:45 Europe/Berlin'
like "$out" '^  sun 2026-10-25 02:15 to sun 02:45 Europe/Berlin, for 30 min 00 s, in 4 h 15 min' 'window: the hour that is repeated'
is "$(grep -c '2026-10-25' <<<"$out")" 2 'window: counts twice'
like "$(TZ=America/New_York pgstride window "$sunday" --format json | jq -r '.result.openings[0].opens')" 'T0[01]:00:00.000Z' 'window: as JSON, in UTC'
finish
