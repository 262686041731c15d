#!/bin/bash
# seeds.sh: the command lines of the five seed documents, 000 to 004, with only the name of
# the program changed; every verdict names its document and the line it answers.
#   000 Kratos: migrate sql      001 Olympus: schema changes      002 Kratos: upgrades
#   003 Talos: migrate           004 Kestra: sys database migrate
. "$(dirname "$0")/../lib.sh"
start_postgres

# Nothing but the command line and what a document itself sets names the database.
unset PGSTRIDE_DATABASE
pgstride() { env -u PGHOST -u PGPORT -u PGUSER -u PGDATABASE "$pgstride_binary" "$@"; }
mkdir "$tmp/work" && cd "$tmp/work" || exit 1

# line DOCUMENT TEXT: what the verdicts that follow answer.
line() { doc="$1 \"$2\""; }
# fresh DATABASE: an empty database, and $url as the documents write one.
fresh() {
	new_database "$1"
	unset PGSTRIDE_DATABASE
	url="postgres://postgres@/$1?host=$server"
}
# prints_line TEXT LINE WHAT: that very line, alone, to the byte.
prints_line() { if grep -Fxq -- "$2" <<<"$1"; then ok "$3"; else not_ok "$3" "no line: $2" "in: $1"; fi; }
tables() { sql "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"; }
nothing_there() { sql "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid >= 16384 OR nspname = 'pgstride'"; }

# kratos_folder DIR: the five migrations of document 000.
kratos_folder() {
	local version=20210101000000 name
	mkdir -p "$1"
	for name in identities sessions recovery_addresses verification_addresses credentials; do
		printf -- '-- migrate:up\nCREATE TABLE %s (id int PRIMARY KEY);\n-- migrate:down\nDROP TABLE %s;\n' \
			$name $name >"$1/${version}_create_$name.sql"
		version=$((version + 1000000))
	done
}
kratos_folder migrations
newest=20210105000000_create_credentials.sql

# --- 000 -------------------------------------------------------------------------------

fresh kratos
line 000 'migrate sql DATABASE-URL --yes'
exits 0 "$doc" pgstride migrate sql "$url" --yes
prints_line "$out" 'Applying migrations...' "$doc: the opening line"
prints_line "$out" 'Successfully applied 5 migrations:' "$doc: the count"
prints_line "$out" '  20210101000000_create_identities.sql' "$doc: the files"
prints_line "$out" 'Migrations completed successfully!' "$doc: the closing line"
exits 0 "$doc: once more" pgstride migrate sql "$url" --yes
prints_line "$out" 'Migrations already up to date, nothing to apply' "$doc: once more does nothing"

line 000 'migrate sql down URL --yes'
exits 0 "$doc" pgstride migrate sql down "$url" --yes
is "$(tables)" 'identities recovery_addresses sessions verification_addresses' "$doc: rolls back the one applied last"
line 000 'migrate sql down --steps'
exits 0 "$doc" pgstride migrate sql down "$url" --yes --steps 3
is "$(tables)" identities "$doc: rolls back three"
exits 2 "$doc: fewer than one" pgstride migrate sql down "$url" --yes --steps 0

line 000 'migrate sql status URL'
exits 0 "$doc" pgstride migrate sql status "$url"
prints_line "$out" 'Migration Status:' "$doc: title"
prints_line "$out" 'Applied migrations:' "$doc: what is applied"
like "$out" '^  20210101000000_create_identities\.sql \(applied: [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}\)$' "$doc: with its time"
prints_line "$out" 'Pending migrations:' "$doc: what is pending"
prints_line "$out" "  $newest" "$doc: without a time"
prints_line "$out" 'Database is 4 migrations behind.' "$doc: the last line"

line 000 'migrate sql up URL --yes'
exits 0 "$doc" pgstride migrate sql up "$url" --yes
is "$(tables)" 'credentials identities recovery_addresses sessions verification_addresses' "$doc: all are there"
exits 0 "$doc: status afterwards" pgstride migrate sql status "$url"
prints_line "$out" 'Database is up to date.' "$doc: nothing is behind"

line 000 'Accept all confirmation prompts without user interaction'
fresh kratos
exits 7 "$doc: without --yes a pipe is refused" pgstride migrate sql "$url"
is "$(tables)" '' "$doc: and nothing is done"
exits_in_terminal 7 "$doc: on a terminal it asks" $'n\n' "$pgstride_binary" migrate sql "$url"
like "$out" 'Do you wish to execute this migration plan\? \[y/n\]: ' "$doc: in the known words"
like "$out" 'Migration aborted\.$' "$doc: no is no"

line 000 'read connection string from DSN'
DSN=$url exits 0 "$doc: -e" pgstride migrate sql -e --yes
DSN=$url exits 0 "$doc: --read-from-env" pgstride migrate sql status --read-from-env
exits 2 "$doc: nothing is set" env -i PATH="$PATH" "$pgstride_binary" migrate sql -e --yes
like "$err" DSN "$doc: and the variable is named"
line 000 '--config: config file key dsn'
fresh kratos
echo "dsn: $url" >config.yml
exits 0 "$doc: in front of the command" pgstride -c config.yml migrate sql -e --yes
exits 0 "$doc: behind it" pgstride migrate sql status -e --config config.yml
prints_line "$out" 'Database is up to date.' "$doc: and it is that database"

line 000 'Initial setup: CREATE DATABASE, CREATE USER, GRANT, migrate, status'
PGDATABASE=postgres sql "DROP DATABASE IF EXISTS kratos$([ "$server_major" -lt 13 ] || echo ' WITH (FORCE)')"
owned="postgres://kratos@/kratos?host=$server"
exits 6 "$doc: before there is one" pgstride migrate sql "postgres://postgres@/kratos?host=$server" --yes
like "$err" 'CREATE DATABASE kratos;' "$doc: it is told how to make it"
PGDATABASE=postgres sql 'CREATE DATABASE kratos'
PGDATABASE=postgres sql "CREATE USER kratos WITH PASSWORD 'secret'"
PGDATABASE=postgres sql 'GRANT ALL PRIVILEGES ON DATABASE kratos TO kratos'
[ "$server_major" -lt 15 ] || PGDATABASE=kratos sql 'GRANT CREATE ON SCHEMA public TO kratos'
exits 0 "$doc: the user migrates" pgstride migrate sql "$owned" --yes
exits 0 "$doc: and verifies" pgstride migrate sql status "$owned"
prints_line "$out" 'Database is up to date.' "$doc: all is applied"

line 000 'GitHub Actions: env DSN, migrate sql -e --yes'
fresh actions
exits 0 "$doc" env -i PATH="$PATH" CI=true GITHUB_ACTIONS=true DSN="$url" "$pgstride_binary" migrate sql -e --yes
is "$(tables | wc -w)" 5 "$doc: the schema is there"
unlike "$out$err" $'\033' "$doc: without colours"

line 000 'Migration failed midway'
fresh midway
kratos_folder halfway
printf -- '-- migrate:up\nCREATE TABLE recovery_addresses (id int);\nSELECT 1 / count(*) FROM identities;\n' \
	>halfway/20210103000000_create_recovery_addresses.sql
exits 1 "$doc" pgstride migrate sql up "$url" --yes --dir halfway
like "$err" 'halfway/20210103000000_create_recovery_addresses.sql:3' "$doc: 1. the message says where"
exits 0 "$doc: 2. status" pgstride migrate sql status "$url" --dir halfway
prints_line "$out" 'Database is 3 migrations behind.' "$doc: knows what is left"
kratos_folder halfway
exits 0 "$doc: 4. the same command again" pgstride migrate sql up "$url" --yes --dir halfway
prints_line "$out" 'Successfully applied 3 migrations:' "$doc: goes on where it stopped"

line 000 'Error: database is locked'
fresh locked
make_gate
mkdir waits
printf -- '-- migrate:up\nSELECT at_gate();\n' >waits/1_waits.sql
"$pgstride_binary" migrate sql up "$url" --yes --dir waits >first.log 2>&1 &
first=$!
wait_until sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE query LIKE '%at_gate%' AND pid <> pg_backend_pid()"
exits 5 "$doc" pgstride migrate sql up "$url" --yes --dir waits --no-wait
prints_line "$err" 'Error: database is locked' "$doc: the known words, alone"
like "$err" 'held by pid [0-9]+ postgres' "$doc: and who it is"
open_gate
ends "$first" "$doc" first.log
wait "$first"
is $? 0 "$doc: the first one finishes"

line 000 'Error: permission denied for table schema_migration'
fresh denied
PGDATABASE=denied sql 'CREATE TABLE schema_migration (version varchar(48)); REVOKE ALL ON schema_migration FROM PUBLIC;
	GRANT CREATE ON DATABASE denied TO kratos; GRANT CREATE ON SCHEMA public TO kratos'
mkdir denied
printf -- '-- migrate:up\nDELETE FROM schema_migration;\n' >denied/1_denied.sql
exits_denied() {
	keep pgstride migrate sql "postgres://kratos@/denied?host=$server" --yes --dir denied
	case $status in 1 | 6) ok "$doc" ;; *) not_ok "$doc" "exit $status" "$out" "$err" ;; esac
}
exits_denied
like "$err" 'permission denied for table schema_migration' "$doc: the known words"
like "$err" 'GRANT ALL PRIVILEGES ON (ALL TABLES|TABLE|DATABASE).* TO kratos;' "$doc: and the GRANT to type"

line 000 'connect: connection refused'
exits 6 "$doc" pgstride migrate sql "postgres://kratos:secret@127.0.0.1:1/kratos?sslmode=disable" --yes
like "$err" 'onnection refused' "$doc: the known words"
for check in 'database is running' 'connection string is correct' 'network and firewall allow' 'host name and port are correct'; do
	like "$err" "$check" "$doc: check that $check"
done
unlike "$out$err" secret "$doc: without the password"

# --- 001 -------------------------------------------------------------------------------

line 001 'migrate sql up --dry-run'
fresh dry
exits 0 "$doc" env DSN="$url" "$pgstride_binary" migrate sql up --dry-run
like "$out" 'CREATE TABLE identities' "$doc: the SQL is shown"
is "$(nothing_there)" 0 "$doc: and nothing is touched, not even a history made"

line 001 'drizzle-kit migrate, with SQL files in athena/migrations/'
mkdir -p athena/migrations/meta
cat >athena/migrations/meta/_journal.json <<'JSON'
{"version":"7","dialect":"postgresql","entries":[
 {"idx":0,"version":"7","when":1767225600000,"tag":"0000_identities","breakpoints":true},
 {"idx":1,"version":"7","when":1767225601000,"tag":"0001_add_role","breakpoints":true}]}
JSON
printf 'CREATE TABLE "identities" ("id" int, "email" text, "traits" jsonb);\n' >athena/migrations/0000_identities.sql
printf 'ALTER TABLE "identities" ADD COLUMN "role" TEXT;--> statement-breakpoint\nSELECT 1;\n' >athena/migrations/0001_add_role.sql
printf 'ALTER TABLE identities DROP COLUMN role;\nCOMMENT ON TABLE identities IS $$by hand$$;\n' >athena/migrations/0001_add_role.down.sql
fresh athena
exits 0 "$doc" pgstride migrate up -d "$url" --dir athena/migrations
has_role() { sql "SELECT count(*) FROM information_schema.columns WHERE table_name = 'identities' AND column_name = 'role'"; }
is "$(has_role)" 1 "$doc: the files have run"
line 001 'To undo, you need an inverse migration: migrate-down'
exits 0 "$doc" pgstride migrate down -d "$url" --dir athena/migrations --yes
is "$(has_role) $(sql "SELECT obj_description('identities'::regclass)")" '0 by hand' "$doc: the .down.sql beside has run"
line 001 'Re-running migrate is idempotent'
exits 0 "$doc: up" pgstride migrate up -d "$url" --dir athena/migrations
exits 0 "$doc: up again" pgstride migrate up -d "$url" --dir athena/migrations
prints_line "$out" 'Migrations already up to date, nothing to apply' "$doc"

line 001 'If you forget to migrate, Kratos refuses to start'
fresh forgotten
exits 8 "$doc: an init container stays" pgstride status --exit-code "$url"
exits 8 "$doc: or waits" pgstride wait --for migrations --timeout 1s "$url"
exits 0 "$doc: until it is migrated" pgstride migrate sql up "$url" --yes
exits 0 "$doc: then it goes on" pgstride status --exit-code "$url"
exits 0 "$doc: and need not wait" pgstride wait --for migrations --timeout 1s "$url"

line 001 'Zero-downtime pattern: expand, backfill, contract'
fresh phases
sql "CREATE TABLE identities (id int PRIMARY KEY, email text); INSERT INTO identities SELECT n, 'u' || n FROM generate_series(1, 500) AS n"
mkdir phases
cat >phases/20260515_new_email.sql <<'SQL'
-- migrate:expand
ALTER TABLE identities ADD COLUMN new_email TEXT;
-- migrate:backfill sync:both
UPDATE identities SET new_email = email WHERE new_email IS NULL;
-- migrate:contract
ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;
ALTER TABLE identities DROP COLUMN email;
ALTER TABLE identities RENAME COLUMN new_email TO email;
SQL
exits 0 "$doc: expand and backfill" pgstride up "$url" --dir phases
is "$(sql 'SELECT count(*) FROM identities WHERE new_email = email')" 500 "$doc: now both columns have data"
sql "INSERT INTO identities VALUES (501, 'old code')"
is "$(sql 'SELECT new_email FROM identities WHERE id = 501')" 'old code' "$doc: old code still works"
exits 0 "$doc: contract" pgstride contract "$url" --dir phases --yes
is "$(sql "SELECT string_agg(attname || CASE WHEN attnotnull THEN ' not null' ELSE '' END, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = 'identities'::regclass AND attnum > 0 AND NOT attisdropped")" \
	'email not null,id not null' "$doc: one column is left"
line 001 'For breaking schema changes, use expand/contract'
mkdir breaking
for change in 'ALTER COLUMN email DROP NOT NULL' 'DROP COLUMN email' 'RENAME COLUMN email TO mail'; do
	printf -- '-- migrate:expand\nALTER TABLE identities %s;\n' "$change" >breaking/1_change.sql
	[ "$change" = 'ALTER COLUMN email DROP NOT NULL' ] ||
		exits 4 "$doc: $change outside contract" pgstride plan "$url" --component breaking --dir breaking
done
sql 'CREATE TABLE plenty (id int, email text)'
printf -- '-- migrate:up\nALTER TABLE plenty ALTER COLUMN email SET NOT NULL;\n' >breaking/1_change.sql
exits 0 "$doc: SET NOT NULL" pgstride plan -v "$url" --component breaking --dir breaking
like "$out" 'NOT VALID' "$doc: SET NOT NULL is proven by a check beforehand"

line 001 'CREATE INDEX CONCURRENTLY'
fresh indexes
sql 'CREATE TABLE identities (id int, traits jsonb, n int); INSERT INTO identities SELECT g, NULL, g / 2 FROM generate_series(1, 100) AS g'
mkdir indexes
printf -- "-- migrate:up\nCREATE INDEX CONCURRENTLY ix_identities_role ON identities ((traits->>'role'));\n" >indexes/1_role.sql
exits 0 "$doc: runs outside a transaction" pgstride migrate up "$url" --dir indexes
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_identities_role'::regclass")" t "$doc: the index is valid"
line 001 'if it fails midway, you get an invalid index. Drop and retry'
psql -XAtqc 'CREATE UNIQUE INDEX CONCURRENTLY ix_n ON identities (n)' 2>/dev/null
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_n'::regclass")" f "$doc: somebody left one"
exits 8 "$doc: doctor" pgstride doctor "$url" --dir indexes
like "$out" ix_n "$doc: names it"
exits 0 "$doc: repair" pgstride repair "$url" --dir indexes --yes
is "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'ix_n'")" 0 "$doc: drops it"
printf -- '-- migrate:up\nCREATE UNIQUE INDEX CONCURRENTLY ix_n ON identities (n);\n' >indexes/2_n.sql
exits 4 "$doc: up finds the keys that are there twice" pgstride up "$url" --dir indexes
is "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'ix_n'")" 0 "$doc: leaves none behind"
psql -XAtqc 'CREATE UNIQUE INDEX CONCURRENTLY ix_n ON identities (n)' 2>/dev/null
sql 'DELETE FROM identities WHERE id % 2 = 0'
exits 0 "$doc: up over one that somebody left" pgstride up "$url" --dir indexes
is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_n'::regclass")" t "$doc: drops it and builds again"

line 001 'ADD COLUMN ... DEFAULT: check your version'
mkdir defaults
sql 'CREATE TABLE big_table (id int); INSERT INTO big_table SELECT generate_series(1, 300)'
printf -- "-- migrate:up\nALTER TABLE big_table ADD COLUMN x TEXT DEFAULT 'foo';\n" >defaults/1_x.sql
node_before=$(sql "SELECT relfilenode FROM pg_class WHERE oid = 'big_table'::regclass")
exits 0 "$doc: a constant" pgstride up "$url" --component defaults --dir defaults
is "$(sql "SELECT relfilenode FROM pg_class WHERE oid = 'big_table'::regclass")" "$node_before" "$doc: no rewrite"
is "$(sql "SELECT count(*) FROM big_table WHERE x = 'foo'")" 300 "$doc: and every row has it"

line 001 'Backfill in batches'
printf -- "-- migrate:up\nALTER TABLE big_table ADD COLUMN y TEXT;\n" >defaults/2_y.sql
printf -- "-- migrate:backfill repeat:true\nUPDATE big_table SET y = upper(x) WHERE id IN (SELECT id FROM big_table WHERE y IS NULL LIMIT 100);\n" >defaults/3_fill.sql
exits 0 "$doc: a batch written by hand" pgstride up "$url" --component defaults --dir defaults
is "$(sql "SELECT count(*) FROM big_table WHERE y = 'FOO'")" 300 "$doc: goes on until nothing is left"
printf -- "-- migrate:backfill\nUPDATE big_table SET y = 'z' WHERE y = 'FOO' LIMIT 1000;\n" >defaults/4_limit.sql
exits 2 "$doc: the LIMIT of the document" pgstride up "$url" --component defaults --dir defaults
like "$err" '4_limit.sql:[0-9]+' "$doc: is refused with its line"
rm defaults/4_limit.sql

# --- 002 -------------------------------------------------------------------------------

# popx_folder: two generations of versions, as Kratos has them.
mkdir popx
printf 'CREATE TABLE identities (id int);\n' >popx/20191100000000000000_identities.up.sql
printf 'DROP TABLE identities;\n' >popx/20191100000000000000_identities.down.sql
printf 'CREATE TABLE sessions (id int);\n' >popx/20210200000000000001_sessions.up.sql
printf 'DROP TABLE sessions;\n' >popx/20210200000000000001_sessions.down.sql

line 002 'upgrading from any version to the latest version directly is possible'
fresh direct
exits 0 "$doc: from nothing" pgstride migrate sql "$url" --yes --dir popx
is "$(tables | tr ' ' '\n' | grep -cE '^(identities|sessions)$')" 2 "$doc: to the latest"
fresh stepped
exits 0 "$doc: a stepped upgrade" pgstride migrate sql up "$url" --yes --dir popx --steps 1
exits 0 "$doc: and the rest" pgstride migrate sql up "$url" --yes --dir popx
prints_line "$out" 'Successfully applied 1 migration:' "$doc: only what is left"
line 001 'SELECT * FROM schema_migration ORDER BY version DESC LIMIT 10'
is "$(sql 'SELECT * FROM schema_migration ORDER BY version DESC LIMIT 10' | tr '\n' ' ')" \
	'20210200000000000001|0 20191100000000000000|0 ' "$doc"
line 002 'upgrading from any version to the latest version directly is possible'
fresh ancient
sql "CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0);
	CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version);
	CREATE INDEX schema_migration_version_self_idx ON schema_migration (version_self);
	INSERT INTO schema_migration (version) VALUES ('20191100000000'); CREATE TABLE identities (id int)"
exits 0 "$doc: from rows of 14 digits" pgstride migrate sql "$url" --yes --dir popx
is "$(tables)" 'identities schema_migration sessions' "$doc: only what is new has run"
is "$(sql "SELECT count(*) FROM schema_migration WHERE version = '20210200000000000001'")" 1 "$doc: and stands in its table"

# --- 003 -------------------------------------------------------------------------------

# Talos keeps its migrations as golang-migrate does.
mkdir talos
for version in 14 15 16 17; do
	printf 'CREATE TABLE keys_%s (id int);\n' $version >"talos/${version}_keys.up.sql"
	printf 'DROP TABLE keys_%s;\n' $version >"talos/${version}_keys.down.sql"
done
keys() { tables | tr ' ' '\n' | grep keys_ | tr '\n' ' '; }
fresh talos
line 003 'migrate up --database DSN'
exits 0 "$doc" pgstride migrate up --database "$url" --dir talos
is "$(keys)" 'keys_14 keys_15 keys_16 keys_17 ' "$doc: all are applied"
line 003 'migrate down: --steps defaults to 1'
exits 0 "$doc" pgstride migrate down --database "$url" --dir talos --yes
is "$(keys)" 'keys_14 keys_15 keys_16 ' "$doc: the last one is gone"
line 003 'migrate down --steps 3'
exits 0 "$doc" pgstride migrate down --steps 3 --database "$url" --dir talos --yes
is "$(keys)" '' "$doc: three more"
line 003 'migrate force 17'
exits 0 "$doc" pgstride migrate force 17 --database "$url" --dir talos
is "$(keys)" '' "$doc: it runs nothing"
line 003 'migrate status: Database Status clean'
exits 0 "$doc" pgstride migrate status --database "$url" --dir talos
prints_line "$out" 'Database Status: clean' "$doc: in the known words"
prints_line "$out" 'Database Version: 17' "$doc: with the version"

line 003 'Error: Database is in dirty state at version N'
mkdir dirty
cat >dirty/17_dirty.up.sql <<'SQL'
CREATE TABLE half (n int);
CREATE INDEX CONCURRENTLY half_n ON half (n);
SELECT 1 / 0;
SQL
printf 'DROP TABLE half;\n' >dirty/17_dirty.down.sql
fresh dirty
exits 1 "$doc: one that fails" pgstride migrate up --database "$url" --dir dirty
sed -i 's/CREATE TABLE half (n int)/CREATE TABLE half (n bigint)/' dirty/17_dirty.up.sql
exits 3 "$doc: up" pgstride migrate up --database "$url" --dir dirty
prints_line "$err" 'Error: Database is in dirty state at version 17' "$doc: up says so, alone, on standard error"
exits 3 "$doc: down" pgstride migrate down --database "$url" --dir dirty --yes
prints_line "$err" 'Error: Database is in dirty state at version 17' "$doc: down says so"
exits 0 "$doc: status" pgstride migrate status --database "$url" --dir dirty
prints_line "$out" 'Database Status: DIRTY' "$doc: status says so"
line 003 'force to update the migration tracker'
exits 0 "$doc" pgstride migrate force 17 --database "$url" --dir dirty
exits 0 "$doc: status" pgstride migrate status --database "$url" --dir dirty
prints_line "$out" 'Database Status: clean' "$doc: it is clean"

line 003 'Error: Database is in dirty state at version N'
fresh foul
exits 0 "$doc: a database of golang-migrate" pgstride migrate up --database "$url" --dir talos --to 16
sql 'UPDATE schema_migrations SET version = 17, dirty = true'
exits 3 "$doc: dirty by its own tool, up" pgstride migrate up --database "$url" --dir talos
like "$err" '^Error: .*[dD]irty.* version 17' "$doc: up names the version"
exits 3 "$doc: dirty by its own tool, down" pgstride migrate down --database "$url" --dir talos --yes
exits 0 "$doc: force" pgstride migrate force 17 --database "$url" --dir talos
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '17|f' "$doc: force says so in its table"

line 003 'Concurrent migration runners deadlock or corrupt the migration tracker'
fresh together
mkdir together
for n in {1..40}; do
	echo "CREATE TABLE t$n (n int); INSERT INTO t$n VALUES ($n);" >"together/${n}_t.up.sql"
done
for runner in 1 2 3; do
	"$pgstride_binary" migrate up --database "$url" --dir together >"runner$runner.log" 2>&1 &
	eval "runner$runner=$!"
done
for runner in 1 2 3; do
	pid=runner$runner
	ends "${!pid}" "$doc" "runner$runner.log"
	wait "${!pid}"
	is $? 0 "$doc: runner $runner"
done
is "$(cat runner?.log | grep -c '^  [0-9]*_t.up.sql')" 40 "$doc: each migration ran once, in one of them"
is "$(sql 'SELECT count(*), count(DISTINCT version) FROM pgstride.migrations')" '40|40' "$doc: and is recorded once"

line 003 'rejects any DSN for which it has no migrations'
mkdir others
printf 'CREATE TABLE a (n int);\n' >others/1_a.sqlite3.up.sql
printf 'DROP TABLE a;\n' >others/1_a.sqlite3.down.sql
fresh others
keep pgstride migrate up --database "$url" --dir others
is "$(nothing_there)" 0 "$doc: nothing is made"
is "$status" 4 "$doc: it is refused"
like "$err" 'no migrations? for' "$doc: and the engine is named"

line 003 'Job: env DB_DSN, args [migrate, up], backoffLimit 0'
fresh job
exits 0 "$doc" env -i PATH="$PATH" DB_DSN="$url" "$pgstride_binary" migrate up
is "$(tables | wc -w)" 5 "$doc: it needs no flag and no terminal"
exits 0 "$doc: TALOS_DB_DSN" env -i PATH="$PATH" TALOS_DB_DSN="$url" "$pgstride_binary" migrate status

# talos_on DSN QUERY...: the lines of the document on another engine; QUERY gives version
# and dirty of golang-migrate's row, fields apart by |.
talos_on() {
	local dsn=$1
	shift
	exits 0 "$doc: up" pgstride migrate up --database "$dsn" --dir talos
	is "$("$@")" '17|0' "$doc: all are applied"
	exits 0 "$doc: down" pgstride migrate down --database "$dsn" --dir talos --yes
	is "$("$@")" '16|0' "$doc: takes one back"
	exits 0 "$doc: down --steps 3" pgstride migrate down --steps 3 --database "$dsn" --dir talos --yes
	is "$("$@")" '' "$doc: three more"
	exits 0 "$doc: force 17" pgstride migrate force 17 --database "$dsn" --dir talos
	is "$("$@")" '17|0' "$doc: runs nothing and says so in its table"
	exits 0 "$doc: status" pgstride migrate status --database "$dsn" --dir talos
	prints_line "$out" 'Database Status: clean' "$doc: in the known words"
}
# not_for DSN PATTERN: no migration of that folder is for that engine.
not_for() {
	keep pgstride migrate up --database "$1" --dir elsewhere
	is "$status" 4 "$doc: a folder of another engine is refused"
	like "$err" 'no migrations? for' "$doc: and the engine is named"
}
mkdir elsewhere
printf 'CREATE TABLE a (n int);\n' >elsewhere/1_a.postgres.up.sql
printf 'DROP TABLE a;\n' >elsewhere/1_a.postgres.down.sql

line 003 'migrate up --database sqlite:///var/lib/talos/data.db'
: >"$tmp/data.db"
talos_on "sqlite://$tmp/data.db" sqlite3 "$tmp/data.db" 'SELECT version, dirty FROM schema_migrations'
not_for "sqlite://$tmp/data.db"
line 003 'migrate up --database mysql://talos:secret@tcp(db:3306)/talos?parseTime=true'
mysql_dir=$(TMPDIR=/tmp mktemp -d)
trap '"$root/tests/servers/mariadb.sh" stop "$mysql_dir"; rm -rf "$mysql_dir"; clean_up' EXIT
port=$(free_port)
"$root/tests/servers/mariadb.sh" start "$mysql_dir" --skip-networking=0 --bind-address=127.0.0.1 "--port=$port" "$(mysql_without_tls)" >/dev/null || exit 1
mysql_row() { mariadb --no-defaults -uroot -S "$mysql_dir/s" -N -B -e 'SELECT version, dirty FROM schema_migrations' talos | tr '\t' '|'; }
mariadb --no-defaults -uroot -S "$mysql_dir/s" -e "CREATE DATABASE talos; CREATE USER talos@'%' IDENTIFIED BY 'secret'; GRANT ALL ON talos.* TO talos@'%'; CREATE USER talos@localhost IDENTIFIED BY 'secret'; GRANT ALL ON talos.* TO talos@localhost"
talos_on "mysql://talos:secret@tcp(127.0.0.1:$port)/talos?parseTime=true" mysql_row
unlike "$out$err" secret "$doc: without the password"
not_for "mysql://talos:secret@tcp(127.0.0.1:$port)/talos?parseTime=true"
line 003 'migrate up --database cockroach://talos@crdb:26257/talos'
fresh crdb
exits 4 "$doc: a server that is none" pgstride migrate up --database "cockroach${url#postgres}&port=5432" --dir talos
like "$err" 'PostgreSQL' "$doc: is told what it is"
is "$(nothing_there)" 0 "$doc: and nothing is made"

# --- 004 -------------------------------------------------------------------------------

mkdir -p kestra
printf 'CREATE TABLE flows (id int);;\n' >kestra/V1_1__initial.sql
printf 'CREATE TABLE executions (id int);\n' >kestra/V1_2__executions.sql
printf 'ALTER TABLE flows ADD COLUMN tenant_id text;\n' >kestra/V1_10__tenant.sql
cat >kestra.yml <<YAML
datasources:
  postgres:
    url: jdbc:postgresql://127.0.0.1:$(sql 'SHOW port')/kestra
    driverClassName: org.postgresql.Driver
    username: postgres
flyway:
  datasources:
    postgres:
      enabled: false
      locations:
        - filesystem:kestra
      ignore-migration-patterns: "*:missing,*:future"
      out-of-order: true
YAML
fresh kestra
line 004 'kestra sys database migrate -c CONFIG -l DEBUG -v'
sed -i "s|url: .*|url: $url|" kestra.yml
exits 0 "$doc" pgstride sys database migrate -c kestra.yml -l DEBUG -v
is "$(sql "SELECT string_agg(version, ' ' ORDER BY applied_order) FROM pgstride.migrations")" '1.1 1.2 1.10' "$doc: in Flyway's order"
exits 0 "$doc: again, with --internal-log and -p" pgstride sys database migrate --config=kestra.yml --log-level=INFO --internal-log -p ./plugins
line 004 'Stop Kestra and launch the command on the new version'
printf 'CREATE TABLE late (id int);\n' >kestra/V1_3__late.sql
exits 0 "$doc: a version that comes late" pgstride sys database migrate -c kestra.yml
is "$(sql "SELECT to_regclass('late') IS NOT NULL")" t "$doc: is applied, as out-of-order says"
line 004 'all indexes will be rebuilt ... database migration can take multiple hours'
# Each row of a build takes a millisecond: it is met midway.
sql "CREATE FUNCTION slowly(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
	'BEGIN IF pg_catalog.current_query() LIKE ''CREATE INDEX%'' THEN PERFORM pg_catalog.pg_sleep(0.001); END IF; RETURN n; END'"
sql 'INSERT INTO flows SELECT generate_series(1, 2000)'
printf 'CREATE INDEX CONCURRENTLY flows_tenant ON flows (slowly(id));\n' >kestra/V1_55__indexes.sql
exits 0 "$doc" pgstride sys database migrate -c kestra.yml
since 12 "$doc: it tells how far it is, and how long yet" &&
	like "$err" 'CREATE INDEX flows_tenant +[0-9]+ % +[0-9] of 9 blocks' "$doc: it tells how far it is" &&
	like "$err" '[0-9]+ m?s left +building index: scanning table' "$doc: and how long yet"
rm kestra/V1_55__indexes.sql
line 004 '--help, -h, -V'
exits 0 "$doc: --help" pgstride sys database migrate --help
like "$out" '--config' "$doc: lists the flags"
exits 0 "$doc: -h" pgstride sys database migrate -h
exits 0 "$doc: --version" pgstride sys database migrate --version
exits 0 "$doc: -V" pgstride sys database migrate -V
like "$out" '^pgstride [0-9]' "$doc: prints the version"
line 004 'a table called flyway_schema_history'
is "$(sql 'SELECT version, script, success FROM flyway_schema_history ORDER BY installed_rank' | tr '\n' ' ')" \
	'1.1|V1_1__initial.sql|t 1.2|V1_2__executions.sql|t 1.10|V1_10__tenant.sql|t 1.3|V1_3__late.sql|t 1.55|V1_55__indexes.sql|t ' "$doc: holds what ran, in its order"

finish
