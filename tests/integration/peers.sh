#!/bin/bash
# peers.sh: what tools of this kind lose or break, on one table that has it all: writers
# with any search_path, behind SECURITY DEFINER and in the replica role; an indexed NOT
# NULL column; two runners at once; owner, grants, policies and comments; and giving up
# while code still writes by the new name.
. "$(dirname "$0")/../lib.sh"
start_postgres 'shared_buffers = 64MB'
rows=20000

new_database shop
sql "CREATE ROLE keeper; CREATE ROLE web LOGIN; CREATE ROLE support LOGIN; CREATE ROLE nobody_else;
     CREATE SCHEMA app; CREATE SCHEMA evil; GRANT USAGE ON SCHEMA app, evil TO PUBLIC;
     CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql AS 'SELECT ''evil''';
     CREATE TABLE evil.users (id int PRIMARY KEY, email text NOT NULL, new_email text);
     CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
     CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
     CREATE TABLE app.users (id int PRIMARY KEY, email text NOT NULL, name text, seen int NOT NULL DEFAULT 0) WITH (fillfactor = 90);
     CREATE UNIQUE INDEX users_email ON app.users (email);
     INSERT INTO app.users SELECT g, 'e' || g, 'n' FROM generate_series(1, $rows) g;
     ALTER TABLE app.users OWNER TO keeper; ALTER TABLE app.users REPLICA IDENTITY FULL;
     CREATE STATISTICS app.users_seen (dependencies) ON name, seen FROM app.users;
     GRANT SELECT, INSERT, UPDATE ON app.users TO web; GRANT SELECT ON app.users TO support WITH GRANT OPTION;
     GRANT UPDATE (email), UPDATE (seen) ON app.users TO support;
     ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
     CREATE POLICY everybody ON app.users USING (true) WITH CHECK (id > 0);
     CREATE POLICY support_sees ON app.users FOR SELECT TO support USING (seen >= 0);
     COMMENT ON TABLE app.users IS 'who they are'; COMMENT ON COLUMN app.users.email IS 'where they are';
     COMMENT ON POLICY everybody ON app.users IS 'all';
     CREATE FUNCTION app.move_user(int, text) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = evil, pg_temp
         AS 'UPDATE app.users SET email = \$2 WHERE id = \$1';
     ALTER FUNCTION app.move_user OWNER TO keeper"
sql 'CREATE PUBLICATION feed FOR TABLE app.users' 2>/dev/null

mkdir "$tmp/migrations"
cat >"$tmp/migrations/20260101_split.sql" <<'S'
-- migrate:expand
ALTER TABLE app.users ADD COLUMN new_email text;
GRANT UPDATE (new_email) ON app.users TO support;
COMMENT ON COLUMN app.users.new_email IS 'where they are';
-- migrate:backfill sync:both
UPDATE app.users SET new_email = email WHERE new_email IS NULL;
CREATE UNIQUE INDEX users_new_email ON app.users (new_email);
-- migrate:contract
ALTER TABLE app.users ALTER COLUMN new_email SET NOT NULL;
ALTER TABLE app.users DROP COLUMN email;
ALTER TABLE app.users RENAME COLUMN new_email TO email;
-- migrate:down expand
ALTER TABLE app.users DROP COLUMN new_email;
S

# Everything about the table that no migration of one column has any business with.
bearings() {
	sql "SELECT relowner::regrole, relacl, reloptions, relreplident, relrowsecurity, relforcerowsecurity, obj_description(oid)
	       FROM pg_class WHERE oid = 'app.users'::regclass;
	     SELECT attname, attacl, attnotnull, col_description(attrelid, attnum) FROM pg_attribute
	      WHERE attrelid = 'app.users'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'new_email' ORDER BY attname;
	     SELECT p.*, obj_description(o.oid) FROM pg_policies p JOIN pg_policy o ON o.polname = p.policyname ORDER BY policyname;
	     SELECT pg_get_statisticsobjdef(oid), stxowner::regrole FROM pg_statistic_ext ORDER BY 1;
	     SELECT pubname, schemaname, tablename FROM pg_publication_tables;
	     SELECT indisunique, indisvalid, obj_description(indexrelid) FROM pg_index WHERE indrelid = 'app.users'::regclass ORDER BY indexrelid;
	     SELECT tgname FROM pg_trigger WHERE tgrelid = 'app.users'::regclass AND NOT tgisinternal"
}

# Each kind of writer has rows of its own and stops at its first error.
writer() {
	local user=$1 options=$2
	rm -f "$tmp/$3.out"
	cat >"$tmp/$3.sql"
	PGOPTIONS=$options PGUSER=$user pgbench -n -M prepared -c 1 -R 60 -T 200 -P 1 -f "$tmp/$3.sql" >"$tmp/$3.out" 2>&1 &
	writers+=($!)
}
open_writers() {
	writers=()
	writer web '-c search_path=evil,app' path <<<'\set id random(1, 4000)
UPDATE app.users SET email = '"'p'"' || :id, seen = seen + 1 WHERE id = :id;
SELECT email FROM app.users WHERE id = :id;'
	writer support '-c search_path=' definer <<<'\set id random(4001, 8000)
SELECT app.move_user(:id, '"'d'"' || :id);'
	writer postgres '-c session_replication_role=replica' replica <<<'\set id random(8001, 12000)
UPDATE app.users SET email = '"'r'"' || :id WHERE id = :id;
DELETE FROM app.users WHERE id = 100000 + :id;
INSERT INTO app.users (id, email) VALUES (100000 + :id, '"'ri'"' || :id);'
	writer support '-c search_path=app' columns <<<'\set id random(12001, 16000)
UPDATE users SET email = '"'c'"' || :id WHERE id = :id;'
	for kind in path definer replica columns; do
		wait_until grep -q progress "$tmp/$kind.out" || not_ok "$kind: the writer starts" "$(cat "$tmp/$kind.out")"
	done
}
close_writers() {
	for kind in path definer replica columns; do
		unlike "$(cat "$tmp/$kind.out")" 'ERROR|aborted' "$1: a writer ($kind) met no error"
	done
	kill "${writers[@]}"
	wait "${writers[@]}" 2>/dev/null
}

bearings >"$tmp/before"

wrote() { sql "SELECT 1 / (count(DISTINCT left(new_email, 1)) = 4)::int FROM app.users WHERE new_email ~ '^[pdrc]'"; }

# --- two runners at once, and every kind of writer, through to the end -----------------------

open_writers
"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/first" 2>&1 &
first=$!
"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/second" 2>&1 &
second=$!
wait "$first"
is "$?" 0 'two runners at once: the one'
wait "$second"
is "$?" 0 'two runners at once: the other'
is "$(sql "SELECT count(*) FROM pgstride.events WHERE kind = 'step' AND outcome = 'done' GROUP BY step, phase HAVING count(*) > 1")" '' 'two runners at once: no step was done twice'
wait_until wrote
is "$(sql 'SELECT count(*) FROM app.users WHERE new_email IS DISTINCT FROM email')" 0 'whoever writes: both columns level'
holds 'whoever writes: they did write' wrote
close_writers 'expand and backfill'

# --- given up, while code writes by the new name ---------------------------------------------

open_writers
for id in $(seq 16001 20000); do echo "UPDATE app.users SET new_email = 'new$id' WHERE id = $id; SELECT pg_sleep(0.02);"; done |
	psql -X -v ON_ERROR_STOP=1 >"$tmp/acknowledged" 2>"$tmp/refused" &
by_new_name=$!
wait_until sh -c "[ \$(wc -l <'$tmp/acknowledged') -gt 50 ]"
exits 0 'given up: down' pgstride down --yes --dir "$tmp/migrations"
wait "$by_new_name"
is "$(grep ERROR "$tmp/refused" | sed 's/.*ERROR: *//')" 'column "new_email" of relation "users" does not exist' \
	'given up: code by the new name is told that it does not exist, and nothing else'
is "$(sql "SELECT count(*) FROM app.users WHERE email LIKE 'new%'")" "$(grep -c '^UPDATE 1' "$tmp/acknowledged")" 'given up: no write by the new name is lost'
sleep 0.5
close_writers 'given up'
bearings >"$tmp/after"
holds 'given up: all is as it was' diff "$tmp/before" "$tmp/after"

# --- and to the end ------------------------------------------------------------------------

open_writers
exits 0 'once more: up and contract' pgstride up --yes --dir "$tmp/migrations" --through contract
sleep 0.5
close_writers 'contract'
bearings >"$tmp/after"
holds 'contract: owner, grants, column grants, policies, comments, statistics, publication unchanged' diff "$tmp/before" "$tmp/after"
is "$(sql "SELECT count(*) || ' ' || count(email) FROM app.users WHERE id <= $rows")" "$rows $rows" 'contract: no row and no value is lost'
finish
