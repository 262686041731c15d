#!/bin/bash
# backfill.sh: a backfill meets every row once, whatever stands in its way, and says so.
. "$(dirname "$0")/../fills.sh"
start_postgres
export PGAPPNAME=

# --- all rows, in place ---------------------------------------------------------------
world plain 100000
migration "$add_column" "$copy_email" sync:both
exits 0 'a plain copy: exit 0' up
is "$(unfilled)" 0 'a plain copy: every row is filled'
is "$(record 'rows_done, swept, verified, skipped')" '100000|t|t|{}' 'a plain copy: each row once, swept and verified'
since 14 'a plain copy: most rows are updated in place' &&
	holds 'a plain copy: most rows are updated in place' [ "$(record '(100 * hot_rows / rows_done)')" -gt 55 ]
holds 'a plain copy: a second run finds nothing to do' up
is "$(record rows_done)" 100000 'a second run: no row is written again'

# --- values that are NULL where a column is ----------------------------------------------
# Whether they are there is asked of the columns, as long as nobody has operators of his own.
joined="code || '/' || amount"
wrong() { sql "SELECT count(*) FROM accounts WHERE label IS DISTINCT FROM $joined"; }
world nulls 20000
sql 'UPDATE accounts SET code = NULL WHERE id % 3 = 0; ALTER TABLE accounts ALTER amount DROP NOT NULL; UPDATE accounts SET amount = NULL WHERE id % 5 = 0'
sql 'VACUUM ANALYZE accounts'
migration 'ALTER TABLE accounts ADD COLUMN label text' "UPDATE accounts SET label = $joined WHERE label IS NULL" sync:off
sql "ALTER DATABASE $PGDATABASE SET log_statement = 'all'"
exits 0 'columns that are NULL: exit 0' up
is "$(wrong)" 0 'columns that are NULL: every row has its value'
is "$(record rows_done)" "$(sql "SELECT count(*) FROM accounts WHERE $joined IS NOT NULL")" 'columns that are NULL: no row is written for nothing'
is "$(record 'swept, verified, skipped')" 't|t|{}' 'columns that are NULL: swept and verified'
holds 'columns that are NULL: a second run finds nothing to do' up
since 14 'columns that are NULL: they are asked for' && [ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] &&
	holds 'columns that are NULL: they are asked for' grep -q 'code IS NOT NULL AND amount IS NOT NULL) IS TRUE LIMIT' "$server/log"

world strange 20000
sql "CREATE FUNCTION even_only(text, int) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT CASE WHEN \$2 % 2 = 0 THEN coalesce(\$1, \$q\$none\$q\$) || \$2::text END';
     CREATE OPERATOR public.|| (FUNCTION = even_only, LEFTARG = text, RIGHTARG = int);
     UPDATE accounts SET amount = id, code = nullif(code, CASE WHEN id % 3 = 0 THEN code END)"
sql 'VACUUM ANALYZE accounts'
joined='code || amount'
migration 'ALTER TABLE accounts ADD COLUMN label text' "UPDATE accounts SET label = $joined WHERE label IS NULL" sync:off
exits 0 'an operator of somebody: exit 0' up
is "$(wrong)" 0 'an operator of somebody: every row has its value'
is "$(record rows_done)" 10000 'an operator of somebody: no row is written for nothing'

# --- rows that others hold ------------------------------------------------------------
world locked 20000
migration "$add_column" 'UPDATE accounts SET new_email = email WHERE new_email IS NULL AND id > 0' sync:both
{ PGSTRIDE_FAULT=sweep_started "$root/build/pgstride-faults" up --yes --dir "$tmp/migrations" >/dev/null; } 2>/dev/null
psql_session holder
say holder "BEGIN; SELECT id FROM accounts WHERE id IN (77, 15000) FOR UPDATE;"
wait_until grep -qx 15000 "$tmp/holder.out"
exits 5 'a row stays locked: exit 5' up --lock-patience 2s
like "$err" 'held by pid [0-9]+ .*holder' 'a row stays locked: its holder is named'
like "$err" 'idle in transaction' 'a row stays locked: and what it does'
is "$(unfilled)" 2 'a row stays locked: all the others are filled'
like "$(record skipped)" '^\{\[' 'a row stays locked: its blocks are kept'
say holder 'ROLLBACK;'
hang_up holder
exits 0 'it was let go: exit 0' up
is "$(unfilled)" 0 'it was let go: every row is filled'
is "$(record 'rows_done, skipped')" '20000|{}' 'it was let go: each row once'

# --- what may not run ------------------------------------------------------------------
world repeats 5000
migration '' 'UPDATE accounts SET amount = amount + 1 WHERE amount < 5'
exits 4 'rows that would be changed again: exit 4' up
like "$err" 'again and again' 'rows that would be changed again: it says so'
is "$(sql 'SELECT count(*) FROM accounts WHERE amount <> 1')" 0 'rows that would be changed again: nothing is changed'
migration '' 'UPDATE accounts SET amount = 7 WHERE amount < 5'
exits 0 'a condition that its own change ends: exit 0' up
is "$(sql 'SELECT count(*) FROM accounts WHERE amount = 7')" 5000 'a condition that its own change ends: done'

# --- rows that cannot take their value -------------------------------------------------
world poison 20000
sql "UPDATE accounts SET code = 'n/a' WHERE id IN (881, 9021, 19999)"
migration 'ALTER TABLE accounts ADD COLUMN new_code uuid' 'UPDATE accounts SET new_code = code::uuid WHERE new_code IS NULL' 'sync:forward allow:sync-null:"nobody writes NULL"'
exits 1 'poison: exit 1' up
like "$err" '3 rows of "accounts" could not be filled' 'poison: how many'
like "$err" 'id 881: .*invalid input syntax for type uuid: "n/a"' 'poison: which, and why'
is "$(sql 'SELECT count(*) FROM accounts WHERE new_code IS NULL')" 3 'poison: all others are filled'
is "$(sql "SELECT string_agg(key, ',' ORDER BY key) FROM pgstride.set_aside")" 'id 19999,id 881,id 9021' 'poison: set aside by key'
sql "UPDATE accounts SET code = md5('x') WHERE code = 'n/a'"
exits 0 'poison mended: exit 0' up
is "$(sql 'SELECT count(*) FROM accounts WHERE new_code IS NULL OR new_code <> code::uuid')" 0 'poison mended: filled'
is "$(sql 'SELECT count(*) FROM pgstride.set_aside')" 0 'poison mended: nothing is set aside'

# A quarter of all rows, as a constraint refuses them: progress stays, keys are named, and
# it takes as long as the pages do, not as the rows or their square.
rolled_back() { sql "SELECT xact_rollback FROM pg_stat_database WHERE datname = current_database()"; }
world quarter 12000
sql "UPDATE accounts SET amount = 0 WHERE id % 4 = 0; ALTER TABLE accounts ADD CHECK (touched = 0 OR amount > 0)"
migration '' 'UPDATE accounts SET touched = 1 WHERE touched = 0'
exits 1 'a quarter is poison: exit 1' up
holds 'a quarter is poison: in transactions of pages, not of rows' [ $(($(rolled_back) + $(record batches))) -lt 1000 ]
like "$err" '3,000 rows of "accounts" could not be filled' 'a quarter is poison: how many'
like "$err" 'Mend the rows, then: pgstride up' 'a quarter is poison: what to do'
like "$err" 'id [0-9]+: .*violates check constraint' 'a quarter is poison: keys and reasons'
like "$err" 'and 2,990 more: SELECT key, error FROM pgstride.set_aside' 'a quarter is poison: and where to find the others'
holds 'a quarter is poison: no flood of lines' [ "$(wc -l <<<"$err")" -lt 60 ]
is "$(sql 'SELECT count(*) FILTER (WHERE amount > 0 AND touched = 0), count(*) FILTER (WHERE touched = 1) FROM accounts')" '0|9000' 'a quarter is poison: every good row is filled'
is "$(sql 'SELECT count(*), count(DISTINCT key) FROM pgstride.set_aside')" '3000|3000' 'a quarter is poison: all keys are kept'
sql 'UPDATE accounts SET amount = 1 WHERE id % 8 = 0'
exits 1 'half of it mended: exit 1' up
like "$err" '1,500 rows of "accounts" could not be filled' 'half of it mended: the other half is named'
is "$(record rows_done)" 10500 'half of it mended: each row once'
migration '' 'UPDATE accounts SET touched = 1 WHERE touched = 0' 'allow:set-aside:"they are archived"'
exits 0 'poison that is allowed: exit 0' up
like "$err" '1,500 rows of "accounts" could not be filled: allowed here .they are archived.' 'poison that is allowed: it is said'
is "$(record verified)" t 'poison that is allowed: the rest is verified'

# --- without a trigger ------------------------------------------------------------------
# Unrelated updates move rows behind the sweep: it goes on until a sweep finds nothing.
world moving 20000
slow_rows accounts
migration "$add_column" "$copy_email" sync:off
up_behind --batch-time 10ms
wait_until sweeping
full_speed
for _ in 1 2 3; do sql 'UPDATE accounts SET touched = touched + 1'; done
up_ended 0 'rows that move, no trigger: exit 0'
is "$(unfilled)" 0 'rows that move, no trigger: every row is filled'

world removed 50000
migration '' 'DELETE FROM accounts WHERE id % 3 = 0'
exits 0 'DELETE: exit 0' up
is "$(sql 'SELECT count(*), count(*) FILTER (WHERE id % 3 = 0) FROM accounts')" '33334|0' 'DELETE: those and no others'
is "$(record rows_done)" 16666 'DELETE: counted'

# --- more than one table ----------------------------------------------------------------
world parents 5000
sql "CREATE TABLE accounts_old () INHERITS (accounts);
     INSERT INTO accounts_old SELECT g, 'o' || g FROM generate_series(1, 3000) g;
     CREATE TABLE empty_child () INHERITS (accounts)"
migration "$add_column" "UPDATE accounts SET new_email = email WHERE accounts.new_email IS NULL" sync:off
exits 0 'children: exit 0' up
is "$(unfilled accounts) $(unfilled accounts_old)" '0 0' 'children: all are filled'
is "$(record 'leaf_name, rows_done, verified')" "accounts|5000|t
accounts_old|3000|t
empty_child|0|t" 'children: each has its record'

# --- a table that is rewritten meanwhile ------------------------------------------------
world rewritten 50000
slow_rows accounts
migration "$add_column" "$copy_email" sync:both
up_behind --batch-time 10ms
wait_until sweeping
holds 'rewritten: VACUUM FULL has its turn' sql 'VACUUM FULL accounts'
full_speed
up_ended 0 'rewritten: exit 0'
is "$(unfilled)" 0 'rewritten: every row is filled'
is "$(record 'rows_done')" 50000 'rewritten: no row twice'
is "$(record "filenode = pg_relation_filenode('accounts')")" t 'rewritten: the record is about the new file'

# The blocks are those of one table, the statement's name is another's by now.
world renamed 50000
slow_rows accounts
migration "$add_column" "$copy_email" sync:off
up_behind --batch-time 10ms
wait_until sweeping
sql 'BEGIN; ALTER TABLE accounts RENAME TO accounts_kept; CREATE TABLE accounts (LIKE accounts_kept);
     INSERT INTO accounts SELECT id, email, code, amount, touched, NULL FROM accounts_kept; COMMIT'
ends "$behind" 'renamed: ends' "$tmp/behind.err"
wait "$behind"
holds 'renamed: is refused' [ $? -gt 0 ]
like "$(cat "$tmp/behind.err")" 'renamed in the midst|must be of ONLY the table "accounts_kept"' 'renamed: and said'
is "$(unfilled)" 50000 'renamed: the table that took its name is left alone'

# --- stopped, cut off --------------------------------------------------------------------
world stopped 50000
slow_rows accounts
migration "$add_column" "$copy_email" sync:both
up_behind --batch-time 10ms
wait_until sweeping
kill -INT "$behind"
met=$(unfilled)
up_ended 75 'asked to stop: exit 75'
holds 'asked to stop: at once, in the middle' [ "$(unfilled)" -gt $((met - 2000)) ]
full_speed
exits 0 'stopped: goes on' up
is "$(unfilled)" 0 'stopped: every row is filled'
is "$(record rows_done)" 50000 'stopped: each row once'

world cut 50000
slow_rows accounts
migration "$add_column" "$copy_email" sync:both
up_behind --batch-time 10ms
for batches in 3 10 20; do
	wait_until sweeping "$batches"
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgstride%worker%'" >/dev/null
done
full_speed
up_ended 0 'cut off three times: exit 0, in the same run'
is "$(unfilled)" 0 'cut off: every row is filled'
is "$(record rows_done)" 50000 'cut off: each row once'
like "$(cat "$tmp/behind.err")" 'connection was lost' 'cut off: it is told'

# --- memory -------------------------------------------------------------------------------
world flat 150000
migration "$add_column" "$copy_email" sync:both
slow_rows accounts
up_behind --batch-time 5ms
peak() { awk '/VmHWM/ { print $2 }' "/proc/$behind/status" 2>/dev/null; }
wait_until sweeping 10
early=$(peak)
full_speed
while now=$(peak) && [ -n "$now" ]; do
	late=$now
	sleep 0.05
done
up_ended 0 'many batches: exit 0'
holds 'many batches: the client does not grow' [ "$late" -lt $((early + 1024)) ]

finish
