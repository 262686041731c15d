#!/bin/bash
# repeat.sh: batches written by hand, and backfills that pass over the user's triggers.
. "$(dirname "$0")/../fills.sh"
start_postgres
export PGAPPNAME=
by_hand="WITH next AS (SELECT id FROM accounts WHERE touched = 0 ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED)
UPDATE accounts a SET touched = 1 FROM next WHERE a.id = next.id"

# --- until it changes no row ------------------------------------------------------------
world hand 20000
slow_rows accounts
migration '' "$by_hand" repeat:true
keep pgstride plan --dir "$tmp/migrations"
like "$out" 'run again and again' 'repeat: plan says so'
up_behind
wait_until sweeping 5
kill -INT "$behind"
up_ended 75 'repeat: stops between two runs: exit 75'
full_speed
done_before=$(record rows_done)
holds 'repeat: the runs before it are kept' [ "$(sql 'SELECT count(*) FROM accounts WHERE touched = 1')" = "$done_before" ]
exits 0 'repeat: goes on' up
is "$(sql 'SELECT count(*) FROM accounts WHERE touched = 1')" 20000 'repeat: every row'
is "$(record 'rows_done, verified, batches')" '20000|t|41' 'repeat: each row once, each run recorded, the last one finds nothing'

# Killed with a COMMIT on its way, and behind one: no run is lost or counted twice.
world killed 5000
migration '' "$by_hand" repeat:true
for fault in batch_open:2 batch_sent:3 batch_after:2; do
	{ PGSTRIDE_FAULT=$fault "$root/build/pgstride-faults" up --yes --dir "$tmp/migrations" >/dev/null; } 2>/dev/null
done
exits 0 'repeat, killed three times: exit 0' up
is "$(record rows_done)|$(sql 'SELECT count(*) FROM accounts WHERE touched = 1')" '5000|5000' 'repeat, killed three times: each row is counted once'

# Rows go to another table in the run that takes them from here; LIMIT is in a WITH.
world archive 3000
migration 'CREATE TABLE archived (id int, email text)' "WITH gone AS (DELETE FROM accounts WHERE id IN (SELECT id FROM accounts WHERE id % 2 = 0 LIMIT 100) RETURNING id, email)
INSERT INTO archived SELECT * FROM gone" repeat:true
exits 0 'repeat an INSERT of what a DELETE gives: exit 0' up
is "$(sql 'SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM archived)')" '1500|1500' 'repeat an INSERT: every row has moved'

world held 2000
migration '' 'UPDATE accounts SET touched = 1 WHERE id IN (SELECT id FROM accounts WHERE touched = 0 LIMIT 500)' repeat:true
psql_session holder
say holder "BEGIN; SELECT id FROM accounts WHERE id = 7 FOR UPDATE;"
wait_until grep -qx 7 "$tmp/holder.out"
exits 5 'repeat: a row stays locked: exit 5' up --lock-patience 1s
like "$err" 'held by pid [0-9]+ .*holder' 'repeat: a row stays locked: its holder is named'
say holder 'ROLLBACK;'
hang_up holder
exits 0 'repeat: it was let go: exit 0' up

# --- what would never end ---------------------------------------------------------------
world endless 2000
refused() { # STATEMENT REASON
	migration '' "$1" repeat:true
	exits "${3:-2}" "repeat is refused: $2" up
	like "$err" "$2" "repeat is refused: it says $2"
}
refused 'UPDATE accounts SET touched = 1 WHERE touched = 0' 'without LIMIT'
refused 'UPDATE accounts SET touched = (SELECT 1 LIMIT 1)' 'never come to an end'
refused 'INSERT INTO accounts (id) SELECT id FROM accounts LIMIT 5' 'never come to an end'
refused 'SELECT 1 LIMIT 1' 'is an UPDATE, a DELETE or an INSERT'
refused "$by_hand; DELETE FROM accounts WHERE id = 0" 'is for one statement'
refused 'UPDATE accounts SET touched = touched + 1 WHERE id IN (SELECT id FROM accounts LIMIT 2000)' 'would never end' 4
is "$(record 'rows_done < 60000')" t 'repeat is refused: before long'
world slow 2000
migration '' 'UPDATE accounts SET touched = 2 WHERE id = (SELECT id FROM accounts WHERE touched <> 2 AND pg_sleep(0.2) IS NOT NULL LIMIT 1)' 'repeat:true batch-time:50ms'
up_behind
wait_until grep -q 'smaller LIMIT' "$tmp/behind.err"
kill -INT "$behind"
up_ended 75 'repeat: a long run is warned of, and ended'

# --- triggers that are passed over ------------------------------------------------------
world skipping 3000
sql "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.touched := NEW.touched + 1; RETURN NEW; END';
     CREATE TRIGGER touch BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION touch();
     ALTER TABLE accounts ADD COLUMN twice int $([ "$server_major" -lt 12 ] && echo 'DEFAULT 10' || echo 'GENERATED ALWAYS AS (amount * 2) STORED')"

migration 'ALTER TABLE accounts ADD COLUMN total int' 'UPDATE accounts SET total = amount WHERE total IS NULL; UPDATE accounts SET amount = 5 WHERE amount = 1' 'triggers:skip sync:off'
exits 0 'triggers:skip: exit 0' up
is "$(sql 'SELECT sum(touched), count(*) FILTER (WHERE twice = 10), count(total) FROM accounts')" '0|3000|3000' 'triggers:skip: none of them fired, generated columns are right'
new_database skipping_sync skipping
sql 'DROP SCHEMA pgstride CASCADE'
migration 'ALTER TABLE accounts ADD COLUMN total2 int' 'UPDATE accounts SET total2 = amount WHERE total2 IS NULL' 'triggers:skip sync:both'
exits 0 'triggers:skip with sync: exit 0' up
sql 'UPDATE accounts SET amount = 7 WHERE id = 3'
is "$(sql 'SELECT total2, touched FROM accounts WHERE id = 3')" '7|1' 'triggers:skip with sync: the sync trigger is in force, and the others are again'

world keyed 100
sql "CREATE TABLE owners (id int PRIMARY KEY); INSERT INTO owners SELECT generate_series(1, 9);
     ALTER TABLE accounts ADD FOREIGN KEY (amount) REFERENCES owners"
migration '' 'UPDATE accounts SET amount = 77 WHERE amount = 1' triggers:skip
exits 4 'triggers:skip of a foreign key: exit 4' up
like "$err" 'skip the check of "accounts_amount_fkey"' 'triggers:skip of a foreign key: it is named'
migration '' 'DELETE FROM owners WHERE id < 5' triggers:skip
exits 4 'triggers:skip of a key that others refer to: exit 4' up
world modest 100
sql "CREATE ROLE modest; GRANT ALL ON SCHEMA public TO modest; GRANT ALL ON accounts TO modest; GRANT CREATE ON DATABASE modest TO modest"
migration '' 'UPDATE accounts SET touched = 2 WHERE touched = 0' triggers:skip
exits 6 'triggers:skip without the right: exit 6' up --role modest
cure='GRANT SET ON PARAMETER session_replication_role TO modest'
[ "$server_major" -ge 15 ] || cure='triggers:skip sets session_replication_role: run with --role'
like "$err" "$cure" 'triggers:skip without the right: what would give it'
is "$(sql 'SELECT count(*) FROM accounts WHERE touched = 2')" 0 'triggers:skip without the right: nothing is changed'

finish
