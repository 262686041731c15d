#!/bin/bash
# workers.sh: several connections sweep one table at once, and it is one backfill still:
# every row once, whatever stops it, and whoever goes on.
. "$(dirname "$0")/../lib.sh"
start_postgres
export PGAPPNAME=

# Every row counts how often it was written.
world() {
	new_database "$1"
	sql "CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, changes int NOT NULL DEFAULT 0);
	     INSERT INTO accounts SELECT g, 'u' || g || '@example.com' FROM generate_series(1, $2) g;
	     CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.changes := OLD.changes + 1; RETURN NEW; END';
	     CREATE TRIGGER count_changes BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION count_changes();
	     ANALYZE accounts"
	slow_rows accounts 1
	fill_by 'ALTER TABLE accounts ADD COLUMN new_email text' 'UPDATE accounts SET new_email = email WHERE new_email IS NULL'
}
fill_by() {
	mkdir -p "$tmp/migrations"
	printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' "$1" "$2" >"$tmp/migrations/20260101_fill.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
up_behind() {
	"$pgstride_binary" up --yes --dir "$tmp/migrations" --batch-time 10ms "$@" >"$tmp/behind.out" 2>"$tmp/behind.err" &
	behind=$!
}
all_rows() { sql "SELECT count(*) FILTER (WHERE new_email = email), min(changes), max(changes) FROM accounts"; }
record() { sql "SELECT $1 FROM pgstride.backfills ORDER BY part" 2>/dev/null; }
# N parts have had a few batches each.
at_work() { [ "$(sql 'SELECT count(*) FILTER (WHERE batches > 2) FROM pgstride.backfills')" -ge "$1" ]; }
connections() { sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ '^pgstride up.*worker'"; }
gone() { [ "$(connections)" = 0 ]; }

# --- killed, and gone on with by another number ------------------------------------------
world killed 60000
up_behind --workers 3
holds 'three workers: each has its own progress row' wait_until at_work 3
is "$(connections)" 3 'three workers: each has its own connection'
kill -9 "$behind"
wait "$behind" 2>/dev/null
wait_until gone
met=$(sql 'SELECT sum(rows_done) FROM pgstride.backfills')
holds 'killed: in the middle' [ "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS NULL')" -gt 0 ]
up_behind --workers 2
more() { [ "$(sql 'SELECT sum(rows_done) FROM pgstride.backfills')" -gt $((met + 500)) ]; }
holds 'two workers go on' wait_until more
is "$(sql 'SELECT count(*) FROM pgstride.backfills')" 3 'two workers go on: with the parts that three left'
kill -INT "$behind"
kill -TERM "$behind"
wait "$behind"
like "$?" '^(75|130)$' 'asked to stop: exit 75'
wait_until gone
full_speed
exits 0 'one worker ends it: exit 0' up
is "$(all_rows)" '60000|1|1' 'every row is filled, and was written once'
is "$(record 'part, rows_done, swept, verified, skipped')" '0|60000|t|t|{}' 'its record is one row again'

# --- half of it is filled already ----------------------------------------------------------
# The first of two workers has nothing to do: it takes its share of what the other has left.
world half 60000
sql "ALTER TABLE accounts ADD COLUMN new_email text; TRUNCATE accounts;
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com', 0, CASE WHEN g <= 30000 THEN 'u' || g || '@example.com' END
       FROM generate_series(1, 60000) g"
printf -- '-- migrate:backfill sync:off\nUPDATE accounts SET new_email = email WHERE new_email IS NULL;\n' >"$tmp/migrations/20260101_fill.sql"
shared() { [ "$(sql 'SELECT count(*) FILTER (WHERE rows_done > 100) FROM pgstride.backfills')" -ge 2 ]; }
up_behind --workers 2
holds 'half is filled: both work on the other half' wait_until shared
is "$(sql 'SELECT count(*) FROM (SELECT position, lead(position) OVER w AS next, end_block
	FROM pgstride.backfills WINDOW w AS (ORDER BY end_block)) p WHERE position > end_block OR next < end_block')" 0 'half is filled: no block is in two parts'
kill -9 "$behind"
wait "$behind" 2>/dev/null
wait_until gone
is "$(sql 'SELECT sum(rows_done) FROM pgstride.backfills')" "$(sql 'SELECT sum(changes) FROM accounts')" 'half is filled, killed: what was done is counted'
full_speed
exits 0 'half is filled: three end it' up --workers 3
is "$(sql 'SELECT count(*) FILTER (WHERE new_email = email), sum(changes), max(changes) FROM accounts')" '60000|30000|1' 'half is filled: each of the others is written once'
is "$(record 'part, rows_done, swept, verified, skipped')" '0|30000|t|t|{}' 'half is filled: its record is one row again'

# --- stopped by hand -----------------------------------------------------------------------
world stopped 60000
up_behind --workers 3
wait_until at_work 3
kill -TERM "$behind"
met=$(sql 'SELECT count(*) FROM accounts WHERE new_email IS NOT NULL')
wait "$behind"
is "$?" 75 'asked to stop: exit 75, from all of them'
holds 'asked to stop: at once' [ "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS NOT NULL')" -lt $((met + 6000)) ]
full_speed
is "$(sql "SELECT sum(rows_done) FROM pgstride.backfills")" "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS NOT NULL')" \
	'asked to stop: what was under way is committed, and counted'
exits 0 'stopped: more workers than before end it' up --workers 6
is "$(all_rows)" '60000|1|1' 'stopped: every row once'

# --- another number from another terminal ----------------------------------------------------
world resumed 60000
up_behind
wait_until at_work 1
exits 0 'resume --workers: exit 0' pgstride resume --workers 3
like "$out" 'it goes on with workers=3' 'resume --workers: it says so'
holds 'resume --workers 3: each of them has a part' wait_until at_work 3
is "$(connections)" 3 'resume --workers 3: each of them has a connection'
pgstride resume --workers 1 >/dev/null
alone() { [ "$(connections)" = 1 ]; }
holds 'resume --workers 1: the others leave' wait_until alone
full_speed
wait "$behind"
is "$?" 0 'resume --workers: done in the end'
is "$(all_rows)" '60000|1|1' 'resume --workers: every row once'
is "$(record 'part, rows_done, swept, verified')" '0|60000|t|t' 'resume --workers: its record is one row again, and counts each once'
exits 2 'resume --workers 0: exit 2' pgstride resume --workers 0

# --- cut off -------------------------------------------------------------------------------
world cut 60000
up_behind --workers 3
wait_until at_work 3
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgstride%(worker 2)'" >/dev/null
full_speed
wait "$behind"
is "$?" 0 'one of them is cut off: exit 0, in the same run'
is "$(all_rows)" '60000|1|1' 'one of them is cut off: every row once'

# --- in each other's way ---------------------------------------------------------------------
# Rows of different parts want the same key: one waits for the other, and neither for ever.
world unique 60000
full_speed
sql "UPDATE accounts SET email = 'same' WHERE id IN (100, 59000); UPDATE accounts SET changes = 0"
fill_by 'ALTER TABLE accounts ADD COLUMN new_email text UNIQUE' 'UPDATE accounts SET new_email = email WHERE new_email IS NULL'
sed -i 's/^-- migrate:expand/& allow:add-unique:"a test" allow:constrained-column:"a test"/' "$tmp/migrations/20260101_fill.sql"
exits 1 'a duplicate across parts: exit 1' up --workers 3 --max-stall 10s --batch-time 50ms
like "$err" '1 row of "accounts" could not be filled' 'a duplicate across parts: one row is set aside'
is "$(sql 'SELECT count(*) FROM accounts WHERE new_email IS NULL')" 1 'a duplicate across parts: all others are filled'

# --- a table that is rewritten meanwhile ------------------------------------------------------
world rewritten 60000
up_behind --workers 3
wait_until at_work 3
holds 'rewritten: VACUUM FULL has its turn' sql 'VACUUM FULL accounts'
full_speed
wait "$behind"
is "$?" 0 'rewritten: exit 0'
is "$(all_rows)" '60000|1|1' 'rewritten: every row once'
is "$(record 'part, rows_done')" '0|60000' 'rewritten: counted once'
finish
