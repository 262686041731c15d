#!/bin/bash
# trees.sh: backfills of tables that have children or partitions, while those come and go.
. "$(dirname "$0")/../fills.sh"
start_postgres
export PGAPPNAME=
drop_email='ALTER TABLE accounts ALTER COLUMN new_email SET NOT NULL; ALTER TABLE accounts DROP COLUMN email; ALTER TABLE accounts RENAME COLUMN new_email TO email'

# --- a record is taken only with the fence ----------------------------------------------
# What a run that was frozen asks first when it goes on, after another has taken over.
world fenced 1000
migration "$add_column" "$copy_email" sync:off
exits 0 'fence: exit 0' up
owner=$(record run_id)
begin="PREPARE begin (text, text, text, text, text, text, text, text, text) AS $(grep -v '^--' "$root/client/db/postgres/sql/backfill_begin.sql")"
taken() { sql "$begin; EXECUTE begin('main', '20260101', '1', '$(sql "SELECT 'accounts'::regclass::oid")', 'accounts', '0', '0', '0', '$1')"; }
is "$(taken 00000000-0000-4000-8000-000000000000)" '' 'fence: another run is given no record'
is "$(record 'run_id, verified')" "$owner|t" 'fence: and leaves it as it is'
holds 'fence: its owner is given it' [ -n "$(taken "$owner")" ]

# --- a child goes -----------------------------------------------------------------------
world orphan 60000
sql "DROP INDEX accounts_email_idx;
     CREATE TABLE accounts_old () INHERITS (accounts);
     INSERT INTO accounts_old SELECT g, 'o' || g FROM generate_series(1, 3000) g"
slow_rows accounts
migration "$add_column" "$copy_email" sync:off "$drop_email"
up_behind --batch-time 10ms
wait_until sweeping
holds 'a child is dropped: while its parent is swept' sql 'DROP TABLE accounts_old'
full_speed
up_ended 0 'a child is dropped: exit 0'
is "$(record 'leaf_name, verified')" 'accounts|t' 'a child is dropped: its record goes with it'
exits 0 'a child is dropped: contract does not wait for it' contract

# --- children, with a trigger -----------------------------------------------------------
# Old code and new write to parent and child while the sweep runs; rows of each are level.
world family 30000
sql "DROP INDEX accounts_email_idx;
     CREATE TABLE accounts_old (CHECK (id >= 100000)) INHERITS (accounts);
     INSERT INTO accounts_old SELECT 100000 + g, 'o' || g FROM generate_series(1, 3000) g"
slow_rows accounts
migration "$add_column" "$copy_email" sync:both "$drop_email"
up_behind --batch-time 10ms
wait_until sweeping
sql "UPDATE accounts SET email = 'changed' || id WHERE id % 100 = 0;
     INSERT INTO accounts_old (id, email) VALUES (200001, 'late');
     INSERT INTO accounts_old (id, new_email) VALUES (200002, 'new')"
full_speed
up_ended 0 'a family: exit 0'
is "$(unfilled) $(unfilled accounts_old)" '0 0' 'a family: parent and child are filled'
is "$(sql 'SELECT count(*) FROM accounts WHERE id > 200000 AND email = new_email')" 2 'a family: what was written to the child is level'
sql "CREATE TABLE accounts_new () INHERITS (accounts)"
exits 4 'a child that came later has no trigger: contract is refused' contract
like "$err" 'not in force on public.accounts_new' 'a child that came later: it is named'
cure=$(sed -n 's/.*hint: \(CREATE TRIGGER .*;\) then run .*/\1/p' <<<"$err")
holds 'a child that came later: the cure can be typed' sql "$cure"
exits 0 'a child that came later: then contract goes on' contract
is "$(sql "SELECT count(*), count(email), min(email) FROM accounts WHERE id > 200000")" '2|2|late' 'a family: contract keeps every value'
is "$(sql "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '~pgstride%'") $(sql "SELECT count(*) FROM pg_proc WHERE proname LIKE 'sync\\_%'")" '0 0' 'a family: no trigger is left behind'

# --- partitions -------------------------------------------------------------------------
# partitions NAME ROWS: a fresh database with a tree of accounts, and a table to attach.
partitions() {
	new_database "$1"
	sql "CREATE TABLE accounts (id int, region text NOT NULL, email text) PARTITION BY LIST (region);
	     CREATE TABLE accounts_eu PARTITION OF accounts FOR VALUES IN ('eu') PARTITION BY RANGE (id);
	     CREATE TABLE accounts_eu_low PARTITION OF accounts_eu FOR VALUES FROM (0) TO (50000);
	     CREATE TABLE accounts_eu_high PARTITION OF accounts_eu FOR VALUES FROM (50000) TO (900000);
	     CREATE TABLE accounts_us PARTITION OF accounts FOR VALUES IN ('us');
	     CREATE TABLE accounts_rest PARTITION OF accounts DEFAULT;
	     INSERT INTO accounts SELECT g, (ARRAY['eu', 'us', 'zz'])[1 + g % 3], 'u' || g FROM generate_series(1, $2) g;
	     CREATE TABLE accounts_asia (id int, region text NOT NULL, email text);
	     INSERT INTO accounts_asia SELECT 1000000 + g, 'asia', 'a' || g FROM generate_series(1, 2000) g"
	sql 'VACUUM ANALYZE accounts'
}
levelled() { sql 'SELECT count(*), count(*) FILTER (WHERE new_email IS DISTINCT FROM email) FROM accounts'; }
if since 13 'partitions kept level by a trigger'; then
	partitions parts 90000
	slow_rows accounts
	migration "$add_column" "$copy_email" sync:both "$drop_email"
	up_behind --batch-time 10ms
	wait_until sweeping
	sql "UPDATE accounts SET region = 'eu' WHERE region = 'us' AND id % 100 = 0;
	     UPDATE accounts SET region = 'us' WHERE region = 'zz' AND id % 100 = 0;
	     ALTER TABLE accounts_asia ADD COLUMN new_email text;
	     ALTER TABLE accounts ATTACH PARTITION accounts_asia FOR VALUES IN ('asia')"
	full_speed
	up_ended 0 'partitions: exit 0'
	is "$(levelled)" '92000|0' 'partitions: rows that moved and a partition that came are filled'
	is "$(sql 'SELECT count(*), bool_and(verified) FROM pgstride.backfills')" '5|t' 'partitions: each leaf has its record'
	exits 0 'partitions: contract' contract
	is "$(sql "SELECT count(*), count(email) FROM accounts")" '92000|92000' 'partitions: every value is kept'
	is "$(sql "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '~pgstride%'")" 0 'partitions: no trigger is left behind'
fi

# Rows that move behind the sweep when nothing fills them on the way.
partitions wander 90000
slow_rows accounts_eu_high
slow_rows accounts_us
slow_rows accounts_rest
migration "$add_column" "$copy_email" sync:off
up_behind --batch-time 10ms
first_done() { [ "$(sql "SELECT verified FROM pgstride.backfills WHERE leaf_name = 'accounts_eu_low'")" = t ]; }
wait_until first_done
full_speed
sql "UPDATE accounts SET region = 'eu' WHERE region = 'zz' AND id < 50000"
up_ended 0 'rows that move, no trigger: exit 0'
is "$(levelled)" '90000|0' 'rows that move, no trigger: none is lost'

# --- what may not run -------------------------------------------------------------------
partitions refused 10
migration '' "UPDATE accounts SET region = 'eu' WHERE region = 'zz'" sync:off
exits 4 'a partition key is assigned: exit 4' up
like "$err" '"region" is in the partition key of "accounts"' 'a partition key is assigned: it says so'
migration '' 'UPDATE ONLY accounts SET email = lower(email) WHERE email <> lower(email)' sync:off
exits 4 'ONLY of a partitioned table: exit 4' up
like "$err" 'ONLY leaves all of its rows out' 'ONLY of a partitioned table: it says so'
sql "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
     CREATE FOREIGN TABLE accounts_far PARTITION OF accounts FOR VALUES IN ('far') SERVER far" 2>/dev/null
migration '' "UPDATE accounts SET email = '' WHERE email IS NULL" sync:off
exits 4 'a foreign partition: exit 4' up
like "$err" '"accounts_far", a part of "accounts", is a foreign table' 'a foreign partition: it is named'

finish
