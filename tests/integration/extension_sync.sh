#!/bin/bash
# extended
# extension_sync.sh: the sync trigger that the server extension runs, and what becomes of
# a migration when the extension comes or goes between its phases.
. "$(dirname "$0")/../lib.sh"
start_postgres
cd "$tmp" || exit 1
mkdir migrations
cat >migrations/20260515_split_email.sql <<'SQL'
-- migrate:expand
ALTER TABLE identities ADD COLUMN new_email text;

-- migrate:backfill sync:both reverse:"email = new_email"
UPDATE identities SET new_email = lower(email) WHERE new_email IS NULL;

-- migrate:contract
ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;
ALTER TABLE identities DROP COLUMN email;
ALTER TABLE identities RENAME COLUMN new_email TO email;

-- migrate:down expand
ALTER TABLE identities DROP COLUMN new_email;
SQL

fresh() {
	new_database "$1"
	sql "CREATE TABLE identities (id int PRIMARY KEY, email text);
	     INSERT INTO identities SELECT g, 'Mail' || g FROM generate_series(1, 500) g"
}
extend() {
	sql "CREATE EXTENSION pgstride; GRANT USAGE ON SCHEMA pgstride_server TO public;
	     GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO public"
}

# What runs the trigger of each table, and what of it is left in all.
runs() { sql "SELECT DISTINCT tgfoid::regproc::text ~ '^pgstride_server' FROM pg_trigger WHERE tgname LIKE '~pgstride%'"; }
left_over() {
	sql "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE '~pgstride%')
	          + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgstride'::regnamespace AND proname LIKE 'sync%')"
}
level() { sql "SELECT count(*) FROM identities WHERE new_email IS DISTINCT FROM lower(email)"; }

# --- it is there all the time ----------------------------------------------------------

fresh there
exits 0 'there: plan' pgstride plan
like "$out" 'same transaction, run by the extension' 'there: plan says who runs the trigger'
exits 0 'there: up' pgstride up --yes
is "$(runs)" t 'there: the extension runs it'
sql "INSERT INTO identities (id, email) VALUES (1001, 'Late'); INSERT INTO identities (id, new_email) VALUES (1002, 'new');
     UPDATE identities SET email = 'Changed' WHERE id = 1"
is "$(level)" 0 'there: both sides are level'
exits 0 'there: doctor finds nothing' pgstride doctor
exits 1 'there: the server keeps the extension while it is needed' sql 'DROP EXTENSION pgstride'
like "$err" 'depends on function pgstride_server.sync' 'there: and says for what'
exits 0 'there: down' pgstride down --yes
is "$(left_over)" 0 'there: down leaves nothing of it'
exits 0 'there: up again' pgstride up --yes
exits 0 'there: contract' pgstride contract --yes
is "$(left_over)" 0 'there: contract leaves nothing of it'
exits 0 'there: then the extension can go' sql 'DROP EXTENSION pgstride'

# --- it comes --------------------------------------------------------------------------

fresh comes
sql 'DROP EXTENSION pgstride'
exits 0 'comes: up' pgstride up --yes
is "$(runs)" f 'comes: what was there before is kept'
extend
exits 0 'comes: up goes on' pgstride up --yes
exits 0 'comes: doctor finds nothing' pgstride doctor
exits 0 'comes: contract' pgstride contract --yes
is "$(left_over)" 0 'comes: contract leaves nothing of either kind'

fresh comes_midway
sql 'DROP EXTENSION pgstride'
exits 0 'comes midway: expand' pgstride up --yes --through expand
extend
exits 0 'comes midway: backfill' pgstride up --yes
unlike "$err" 'no sync trigger' 'comes midway: the backfill knows the trigger'
exits 0 'comes midway: down' pgstride down --yes
is "$(left_over)" 0 'comes midway: down leaves nothing of either kind'

# --- it goes ---------------------------------------------------------------------------

fresh goes
exits 0 'goes: up' pgstride up --yes
sql 'DROP EXTENSION pgstride CASCADE'
sql "INSERT INTO identities (id, email) VALUES (1001, 'Past it')"
exits 8 'goes: doctor' pgstride doctor
like "$out" 'lost sync trigger' 'goes: doctor tells that the trigger went with it'
exits 4 'goes: contract is refused' pgstride contract --yes
like "$err" 'sync trigger of "identities" is not in force' 'goes: because the trigger is gone'
like "$err" 'pgstride down, pgstride up' 'goes: and how to begin again'
exits 0 'goes: down' pgstride down --yes
exits 0 'goes: doctor is content' pgstride doctor
exits 0 'goes: up without it' pgstride up --yes
is "$(runs)" f 'goes: PL/pgSQL does its work'
is "$(level)" 0 'goes: and both sides are level'
exits 0 'goes: contract' pgstride contract --yes

fresh goes_midway
exits 0 'goes midway: expand' pgstride up --yes --through expand
sql 'DROP EXTENSION pgstride CASCADE'
exits 0 'goes midway: backfill' pgstride up --yes
exits 4 'goes midway: contract is refused' pgstride contract --yes

# --- many rows -------------------------------------------------------------------------

# Half of them refuse their value; two passes within one transaction, the second longer.
fresh many
sql "CREATE FUNCTION suffix(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN \$1 || ''!''; END'"
sql "CREATE TABLE rows (id int PRIMARY KEY, a text, b int, c text); INSERT INTO rows SELECT g FROM generate_series(1, 4000) g;
     CREATE TRIGGER sync BEFORE INSERT OR UPDATE ON rows FOR EACH ROW EXECUTE FUNCTION pgstride_server.sync('path', 'public',
     'fill', 'where', 'b IS NULL', 'set', 'b', 'a::int', 'set', 'c', 'suffix(a)', 'back', 'a', 'b::text')"
# shellcheck disable=SC2016 # SQL
writes='UPDATE rows SET a = CASE WHEN id % 2 = 0 THEN (coalesce(b, 0) + 1)::text ELSE coalesce(c, $$poison$$) END;'
holds_kb='SELECT sum(total_bytes)::bigint / 1024 FROM pg_backend_memory_contexts;'
if since 14 'many rows leave nothing behind in memory'; then
	kb=$(psql -XAtq <<-SQL
		BEGIN; $writes $holds_kb
		$writes $writes $writes $writes $holds_kb COMMIT;
	SQL
	)
	is "$(sql 'SELECT count(*) FROM rows WHERE b IS NULL AND c IS NOT NULL OR b = 5')" 4000 'many rows are written, bad ones among them'
	holds "many rows leave nothing behind in memory (${kb//$'\n'/ kB, } kB)" [ "${kb##*$'\n'}" -lt $((${kb%%$'\n'*} + 500)) ]
fi

# --- others' rights, other tables ------------------------------------------------------

fresh rights
sql "CREATE ROLE mover LOGIN; GRANT CREATE ON DATABASE rights TO mover; GRANT CREATE, USAGE ON SCHEMA public TO mover;
     ALTER TABLE identities OWNER TO mover; REVOKE EXECUTE ON FUNCTION pgstride_server.sync() FROM public"
exits 0 'rights: whoever may not use it goes without' pgstride up --yes --role mover
is "$(runs)" f 'rights: in PL/pgSQL'

fresh children
sql 'CREATE TABLE elder (more int) INHERITS (identities)'
exits 0 'children: up' pgstride up --yes
is "$(runs)" t 'children: each has one that the extension runs'
sql "CREATE TABLE younger () INHERITS (identities)"
exits 4 'children: one that came later is named' pgstride contract --yes
like "$err" 'not in force on public.younger' 'children: by its name'
mend=$(sed -nE 's/^.*(CREATE TRIGGER .* ENABLE ALWAYS TRIGGER [^;]+);.*$/\1/p' <<<"$err")
exits 0 'children: what it is told to type works' sql "$mend"
exits 0 'children: and opens the way' pgstride contract --yes

finish
