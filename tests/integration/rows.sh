#!/bin/bash
# rows.sh: rows of every kind, in databases that do not wish us well.
. "$(dirname "$0")/../fills.sh"
start_postgres
export PGAPPNAME=

# --- DELETE -----------------------------------------------------------------------------
# What refers to a row decides whether it may go; what goes with it is said before.
world gone 6000
sql "CREATE TABLE orders (id int PRIMARY KEY, account_id int REFERENCES accounts ON DELETE CASCADE);
     INSERT INTO orders SELECT g, g FROM generate_series(1, 6000) g; ANALYZE orders;
     CREATE TABLE notes (id int PRIMARY KEY, account_id int REFERENCES accounts);
     CREATE INDEX ON notes (account_id);
     INSERT INTO notes VALUES (1, 3000), (2, 6000);
     CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree);
     INSERT INTO tree SELECT g, nullif(g - 1, 0) FROM generate_series(1, 40) g;
     CREATE INDEX ON tree (up)"
migration '' 'DELETE FROM accounts WHERE id % 1000 = 0'
keep pgstride plan --dir "$tmp/migrations"
like "$out" 'none: irreversible' 'DELETE: plan says that there is no way back'
like "$out" 'deletes the rows of "orders" .* ON DELETE CASCADE' 'DELETE: plan names what goes with it'
like "$out" '"orders" has no index on .account_id.: .* about 6,000 rows' 'DELETE: plan names the index that is missing'
unlike "$out" '"notes" has no index' 'DELETE: and none that is there'
unlike "$out" 'grows to' 'DELETE: a table that shrinks is not said to grow'
sql 'CREATE INDEX ON orders (account_id)'
exits 1 'DELETE: rows that others refer to: exit 1' up
like "$err" 'id 3000: .*violates foreign key constraint "notes_account_id_fkey"' 'DELETE: rows that others refer to are named'
like "$err" '2 rows of "accounts" could not be deleted' 'DELETE: and counted'
is "$(sql 'SELECT count(*) FILTER (WHERE id % 1000 = 0), count(*) FROM accounts')|$(sql 'SELECT count(*) FROM orders')" '2|5996|5996' 'DELETE: all others are gone, and what hung on them'
sql 'DELETE FROM notes'
exits 0 'DELETE: nobody refers to them any more: exit 0' up
is "$(record rows_done)" 6 'DELETE: each row once'
world chained 10
sql "CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree);
     INSERT INTO tree SELECT g, nullif(g - 1, 0) FROM generate_series(1, 40) g;
     INSERT INTO tree VALUES (100, 40); CREATE INDEX ON tree (up)"
migration '' 'DELETE FROM tree WHERE id > 50; DELETE FROM tree WHERE id > 20'
exits 0 'DELETE of a table that refers to itself: exit 0' up
is "$(sql 'SELECT count(*) FROM tree')|$(sql 'SELECT string_agg(number || $$:$$ || rows_done, $$ $$ ORDER BY number) FROM pgstride.backfills')" '20|1:1 2:20' 'two backfills of a section are numbered, each with its record'

# --- several backfills, and what relies on them -----------------------------------------
world several 20000
slow_rows accounts
cat >"$tmp/migrations/20260101_fill.sql" <<'SQL'
-- migrate:expand
ALTER TABLE accounts ADD COLUMN lower_email text, ADD COLUMN digits int;
-- migrate:backfill sync:both reverse:"email = lower_email"
UPDATE accounts SET lower_email = lower(email) WHERE lower_email IS NULL;
CREATE INDEX accounts_lower ON accounts (lower_email);
-- migrate:backfill sync:forward allow:sync-null:"old code writes code"
UPDATE accounts SET digits = length(code) WHERE digits IS NULL;
ALTER TABLE accounts ADD CONSTRAINT has_digits CHECK (digits > 0) NOT VALID;
ALTER TABLE accounts VALIDATE CONSTRAINT has_digits;
SQL
up_behind --batch-time 5ms
wait_until sweeping 5
kill -INT "$behind"
up_ended 75 'several: stopped in the first: exit 75'
full_speed
exits 0 'several: goes on to the end' up
is "$(record 'number, rows_done, verified')" '1|20000|t
2|0|t' 'several: each row once, and what the first touches is filled for the second'
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'accounts_lower'::regclass")|$(sql "SELECT convalidated FROM pg_constraint WHERE conname = 'has_digits'")" 't|t' 'several: index and constraint follow their data'
sql "UPDATE accounts SET lower_email = 'new' WHERE id = 1; UPDATE accounts SET email = 'OLD' WHERE id = 2;
     INSERT INTO accounts (id, lower_email, code) VALUES (30001, 'only new', 'abc')"
is "$(sql 'SELECT email, lower_email, digits FROM accounts WHERE id IN (1, 2, 30001) ORDER BY id')" 'new|new|36
OLD|old|36
only new|only new|3' 'reverse: a way back of its own keeps both sides level'

# --- hostile surroundings ---------------------------------------------------------------
# A table of them: what is set up, and what a backfill then has to be.
hostile() { # NAME SETUP EXPAND BACKFILL OPTIONS QUERY WANT
	new_database hostile
	sql "$2" || exit 1
	migration "$3" "$4" "$5"
	exits 0 "$1: exit 0" up
	is "$(sql "$6")" "$7" "$1: every row has its value"
}
odd='"T a;b--"' column='"c''d "'
hostile 'names' "CREATE SCHEMA \"S.x\"; CREATE TABLE \"S.x\".$odd (\"i d\" int PRIMARY KEY, $column text);
	INSERT INTO \"S.x\".$odd SELECT g, 'v' || g FROM generate_series(1, 3000) g" \
	"ALTER TABLE \"S.x\".$odd ADD COLUMN \"select\" text" \
	"UPDATE \"S.x\".$odd SET \"select\" = $column WHERE \"select\" IS NULL" sync:both \
	"SELECT count(*) FROM \"S.x\".$odd WHERE \"select\" = $column" 3000
hostile 'a search path with operators before those of the server' \
	"CREATE SCHEMA evil; SET search_path = evil, pg_catalog;
	 CREATE FUNCTION evil.no (text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
	 CREATE FUNCTION evil.no (bigint, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
	 CREATE FUNCTION evil.no (oid, oid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
	 CREATE FUNCTION evil.no (uuid, uuid) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
	 CREATE FUNCTION evil.no (name, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false';
	 CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.no);
	 CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.no);
	 CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.no);
	 CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.no);
	 CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.no);
	 ALTER DATABASE hostile SET search_path = evil, public, pg_catalog;
	 CREATE TABLE public.accounts (id int PRIMARY KEY, email text);
	 INSERT INTO public.accounts SELECT g, 'v' || g FROM pg_catalog.generate_series(1, 3000) g" \
	"$add_column" "$copy_email" sync:both \
	'SELECT count(*) FROM accounts WHERE new_email OPERATOR(pg_catalog.=) email' 3000
hostile 'values that are stored apart' \
	"CREATE TABLE accounts (id int PRIMARY KEY, email text, wide text);
	 ALTER TABLE accounts ALTER COLUMN wide SET STORAGE EXTERNAL;
	 INSERT INTO accounts SELECT g, 'v' || g, repeat('x', 3000) FROM generate_series(1, 2000) g;
	 CREATE TABLE before AS SELECT pg_relation_size(reltoastrelid) AS bytes FROM pg_class WHERE relname = 'accounts'" \
	"$add_column" "$copy_email" sync:both \
	"SELECT (SELECT count(*) FROM accounts WHERE new_email = email AND length(wide) = 3000), pg_relation_size(reltoastrelid) = bytes FROM pg_class, before WHERE relname = 'accounts'" '2000|t'
twice='twice int GENERATED ALWAYS AS (id * 2) STORED'
[ "$server_major" -ge 12 ] || twice='twice int'
hostile 'domains, enums, arrays, jsonb, json and generated columns' \
	"CREATE DOMAIN mail AS text; CREATE TYPE mood AS ENUM ('sad', 'glad');
	 CREATE TABLE accounts (id int PRIMARY KEY, email text, tags text[], doc jsonb, raw json, $twice);
	 INSERT INTO accounts (id, email, tags, doc, raw) SELECT g, 'v' || g, ARRAY['a', g::text], jsonb_build_object('k', g), '{\"a\": 1}' FROM generate_series(1, 3000) g" \
	'ALTER TABLE accounts ADD COLUMN new_email mail, ADD COLUMN new_mood mood, ADD COLUMN new_tags text[], ADD COLUMN new_doc jsonb, ADD COLUMN new_raw json' \
	"UPDATE accounts SET new_email = email, new_mood = (CASE WHEN id % 2 = 0 THEN 'glad' ELSE 'sad' END)::mood, new_tags = tags || 'z'::text, new_doc = doc || '{\"n\": 1}', new_raw = raw WHERE new_email IS NULL" 'sync:forward allow:sync-null:"never NULL"' \
	"SELECT count(*) FROM accounts WHERE new_email = email AND (new_mood = 'glad') = (id % 2 = 0) AND new_tags[3] = 'z' AND new_doc ? 'n' AND new_raw::text = raw::text AND coalesce(twice, id * 2) = id * 2" 3000
hostile 'a key of several columns, and none' \
	"CREATE TABLE accounts (a int, email text); INSERT INTO accounts SELECT 1, 'v' || g FROM generate_series(1, 500) g;
	 INSERT INTO accounts VALUES (2, NULL)" \
	"$add_column" "$copy_email" sync:off 'SELECT count(new_email), count(*) FROM accounts' '500|501'

# --- rows that a policy hides -----------------------------------------------------------
new_database secured
sql 'CREATE ROLE owner'
sql "GRANT CREATE ON DATABASE secured TO owner; GRANT ALL ON SCHEMA public TO owner; SET ROLE owner;
     CREATE TABLE accounts (id int PRIMARY KEY, email text);
     INSERT INTO accounts SELECT g, 'v' || g FROM generate_series(1, 500) g;
     CREATE POLICY part ON accounts USING (id % 2 = 0);
     INSERT INTO accounts SELECT 1000 + g, 'w' || g FROM generate_series(1, 500) g;
     ALTER TABLE accounts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
migration "$add_column" "$copy_email" sync:both
exits 6 'a policy forced on the owner: exit 6' up --role owner
like "$err" 'row-level security hides rows of "accounts" from role "owner"' 'a policy forced on the owner: it is said'
like "$err" 'BYPASSRLS|NO FORCE ROW LEVEL SECURITY' 'a policy forced on the owner: with the cure'
is "$(sql "SELECT count(*) FROM pg_attribute WHERE attname = 'new_email'")" 0 'a policy forced on the owner: nothing has begun'
sql 'ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY'
exits 0 'a policy that spares the owner: exit 0' up --role owner
is "$(unfilled)" 0 'a policy that spares the owner: every row is filled'

# --- a table that is locked while rows are set aside ------------------------------------
# Stopped between two of its looks at a block of 70 rows, of which one is bad.
world setting 70
sql "UPDATE accounts SET code = 'none' WHERE id = 7" && sql 'VACUUM FULL accounts'
migration 'ALTER TABLE accounts ADD COLUMN new_code uuid' 'UPDATE accounts SET new_code = code::uuid WHERE new_code IS NULL' sync:off
PGSTRIDE_FAULT=batch_after:1:STOP "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >"$tmp/behind.out" 2>"$tmp/behind.err" &
behind=$!
wait_until grep -q '^State:.*T' "/proc/$behind/status"
psql_session barrier
say barrier 'BEGIN; LOCK TABLE accounts IN SHARE MODE;'
wait_until session_is barrier 'idle in transaction'
kill -CONT "$behind"
holds 'locked while rows are set aside: it says what it waits for' wait_until grep -q 'others have a lock on table "accounts"' "$tmp/behind.err"
sleep 4 # any number of tries would be over
holds 'locked while rows are set aside: it waits' kill -0 "$behind"
say barrier 'ROLLBACK;'
up_ended 1 'locked while rows are set aside: it goes on when the lock is let go'
hang_up barrier
is "$(sql 'SELECT count(*) FROM accounts WHERE new_code IS NULL')" 1 'locked while rows are set aside: all others are filled'

finish
