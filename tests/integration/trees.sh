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
migration "$add_column" "$copy_email" sync:off "$drop_email"
up_behind --batch-time 10ms
wait_until 10 sweeping
holds 'a child is dropped: while its parent is swept' sql 'DROP TABLE accounts_old'
up_ended 0 'a child is dropped: exit 0'
is "$(record 'leaf_name, verified')" 'accounts|t' 'a child is dropped: its record goes with it'
exits 0 'a child is dropped: contract does not wait for it' contract

finish
