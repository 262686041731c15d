#!/bin/bash
# adopt.sh: databases that others have migrated are taken over: whose history it is, what
# is asked instead of guessed, and the way out that is named; then what only real
# databases have: rows for the backfills that Kratos runs as programs.
# once: whose table it is does not hang on our extension
. "$(dirname "$0")/../lib.sh"
start_postgres
fixtures=$root/tests/fixtures
export FLYWAY_PLACEHOLDERS_OWNER=shop

popx_table='CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0)'
pair_table='CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)'
made() { sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'"; }

# --- whose history ----------------------------------------------------------------------

mkdir "$tmp/two"
for n in 1 2 3; do
	echo "CREATE TABLE t$n (n int);" >"$tmp/two/${n}_t.up.sql"
	echo "DROP TABLE t$n;" >"$tmp/two/${n}_t.down.sql"
done
new_database whose
sql "$popx_table; INSERT INTO schema_migration VALUES ('1'), ('2'); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)"
exits 4 'another runner than the folder says' pgstride adopt --dir "$tmp/two" --yes
like "$err" 'folder is of golang-migrate' 'is asked about'
like "$err" 'schema_migration: popx' 'with the table that is there'
like "$err" 'pgstride adopt --from=popx' 'and what to type'
is "$(made)" 0 'and nothing is written'
sql "$pair_table; INSERT INTO schema_migrations VALUES (1, false)"
exits 4 'two runners' pgstride adopt --dir "$tmp/two" --yes --from auto
like "$err" 'histories of several runners' 'are asked about'
like "$err" 'schema_migrations: golang-migrate' 'with both tables'
exits 0 'the one that is named' pgstride adopt --dir "$tmp/two" --yes --from popx
like "$out" 'Recorded 2 migrations, running nothing' 'is adopted'
exits 0 'and is whose folder it is from then on' pgstride up --dir "$tmp/two" --layout popx
is "$(sql "SELECT count(*) FROM schema_migration WHERE version = '3'")$(sql 'SELECT version FROM schema_migrations')" 11 'in its table, and in no other'

# --- imported ---------------------------------------------------------------------------

new_database imported
sql "$pair_table; INSERT INTO schema_migrations VALUES (2, true); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)"
exits 0 'golang-migrate: dirty' pgstride status --dir "$tmp/two"
like "$out" 'Database is 2 migrations behind' 'what stands before the dirty one is applied'
exits 3 'a dirty history is not imported' pgstride adopt --mode import --dir "$tmp/two" --yes
like "$err" '^Error: Database is in dirty state at version 2$' 'in the known words'
like "$err" 'pgstride force 2' 'with the way out'
sql 'UPDATE schema_migrations SET dirty = false'
exits 0 'import' pgstride adopt --mode import --dir "$tmp/two" --yes
like "$out" 'Recorded 2 migrations, running nothing' 'copies what was applied'
is "$(sql 'SELECT string_agg(how, $$ $$) FROM pgstride.migrations')" 'import import' 'and says so in the history'
exits 0 'what is pending' pgstride up --dir "$tmp/two"
is "$(sql "SELECT to_regclass('t3') IS NOT NULL")" t 'runs'
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'and the table of golang-migrate is left alone'
exits 0 'down' pgstride down --dir "$tmp/two" --yes --steps 2
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'does so too'
exits 4 'validate' pgstride validate --dir "$tmp/two" -d "$PGSTRIDE_DATABASE"
like "$err" 'went on since its history was imported: it has applied 2_t' 'tells that both are apart'
exits 0 'up does not' pgstride up --dir "$tmp/two"
exits 0 'validate again' pgstride validate --dir "$tmp/two" -d "$PGSTRIDE_DATABASE"
exits 0 'import again' pgstride adopt --mode import --dir "$tmp/two" --yes
like "$out" 'nothing was changed' 'has nothing to copy'

# --- rows without a file ----------------------------------------------------------------

new_database lost
sql "$pair_table; INSERT INTO schema_migrations VALUES (7, false)"
exits 4 'golang-migrate: a version that has no file' pgstride up --dir "$tmp/two"
like "$err" '^Error: no migration found for version 7$' 'is told in the known words'
like "$err" "--ignore-migration-patterns '\*:missing'" 'with the way out'
exits 0 'golang-migrate: force -1' pgstride force -1 --dir "$tmp/two" --yes
is "$(sql 'SELECT count(*) FROM schema_migrations')" 0 'means none, as it does there'
exits 0 'and all of it runs' pgstride up --dir "$tmp/two"

new_database flyway
exits 0 'Flyway' pgstride up --dir "$fixtures/flyway"
row="INSERT INTO flyway_schema_history SELECT max(installed_rank) + 1, '%s', 'gone', 'SQL', 'x.sql', 1, 'x', now(), 1, true FROM flyway_schema_history"
# shellcheck disable=SC2059 # the format is above
sql "$(printf "$row" 99)"
exits 0 'Flyway: what a newer release has applied is passed over' pgstride up --dir "$fixtures/flyway"
cp -r "$fixtures/flyway" "$tmp/behind"
echo 'CREATE TABLE flyway_late (n int);' >"$tmp/behind/V50__late.sql"
exits 4 'Flyway: nothing runs behind it' pgstride up --dir "$tmp/behind"
like "$err" 'Detected resolved migration not applied to database: 50 .current version 99' 'is told in the known words'
# shellcheck disable=SC2059
sql "$(printf "$row" 1.5)"
exits 4 'Flyway: a version that has no file' pgstride up --dir "$fixtures/flyway"
like "$err" 'Detected applied migration not resolved locally: 1.5' 'is told in the known words'
exits 0 'may be missing where that is said' pgstride up --dir "$fixtures/flyway" --ignore-migration-patterns '*:missing'
sql "DELETE FROM flyway_schema_history WHERE description = 'gone'"

# --- a row for each migration is mended alone -------------------------------------------

sql "UPDATE flyway_schema_history SET description = 'otherwise' WHERE version = '1.2'; UPDATE flyway_schema_history SET checksum = 5 WHERE version = '1.10'"
exits 4 'Flyway: a description that is another' pgstride up --dir "$fixtures/flyway"
like "$err" 'Migration description mismatch for migration version 1.2' 'is told in the known words'
like "$err" '-> Applied to database : otherwise' 'with both'
like "$err" 'pgstride mark 1.2' 'and the way out'
exits 0 'Flyway: mark' pgstride mark 1.2 --dir "$fixtures/flyway" --yes
is "$(sql "SELECT description || installed_rank FROM flyway_schema_history WHERE version = '1.2'")" 'add state2' 'mends that row'
is "$(sql "SELECT checksum FROM flyway_schema_history WHERE version = '1.10'")" 5 'and no other'
exits 4 'Flyway: a checksum that is another' pgstride up --dir "$fixtures/flyway"
like "$err" 'Migration checksum mismatch for migration version 1.10' 'is told in the known words'
exits 0 'Flyway: mark that one' pgstride mark 1.10 --dir "$fixtures/flyway" --yes
exits 0 'Flyway: and both agree' pgstride up --dir "$fixtures/flyway"

# Imported, its table tells us nothing any more: we know what text ran when it was.
cp -r "$fixtures/flyway" "$tmp/repeated"
new_database repeated
exits 0 'Flyway: up' pgstride up --dir "$tmp/repeated"
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'Flyway: imported' pgstride adopt --mode import --dir "$tmp/repeated" --yes
exits 0 'Flyway: a repeatable that is as it was' pgstride up --dir "$tmp/repeated"
like "$out" 'already up to date' 'is not run again'
echo "COMMENT ON VIEW flyway_all IS 'again';" >>"$tmp/repeated/views/R__all_orders.sql"
exits 0 'Flyway: one that has changed' pgstride up --dir "$tmp/repeated"
is "$(sql "SELECT obj_description('flyway_all'::regclass)")" again 'is'

# --- pop's old table --------------------------------------------------------------------

# One column is what pop made; a table of that name with others is somebody else's.
new_database old
sql 'CREATE TABLE schema_migration (version VARCHAR (14) PRIMARY KEY, applied_at date)'
exits 4 "nearly pop's old table" pgstride up --dir "$fixtures/popx"
like "$err" '"schema_migration" is not the one that popx makes' 'is not taken for it'
like "$err" 'its columns are: version,applied_at$' 'and what it is is told'

# --- the two programs of Kratos ---------------------------------------------------------

mkdir "$tmp/kratos"
label=20251105000000000003_identity_id_not_null_fks
cat >"$tmp/kratos/20250101000000000000_tables.postgres.up.sql" <<'SQL'
CREATE TABLE identity_credentials (id int PRIMARY KEY, nid int, identity_id int);
CREATE TABLE identity_credential_identifiers (id int PRIMARY KEY, nid int, identity_credential_id int, identity_id int);
CREATE TABLE sessions (id int PRIMARY KEY, nid int, identity_id int);
CREATE TABLE session_devices (id int PRIMARY KEY, nid int, session_id int, identity_id int);
INSERT INTO identity_credentials SELECT n, n % 2, n * 10 FROM generate_series(1, 500) AS n;
INSERT INTO identity_credential_identifiers SELECT n, (n % 500 + 1) % 2, n % 500 + 1, NULL FROM generate_series(1, 25000) AS n;
INSERT INTO identity_credential_identifiers VALUES (30001, 7, 1, NULL), (30002, 1, 1, 77);
INSERT INTO sessions SELECT n, 0, n * 3 FROM generate_series(1, 100) AS n;
INSERT INTO session_devices SELECT n, 0, n % 100 + 1, NULL FROM generate_series(1, 12000) AS n;
SQL
touch "$tmp/kratos/20250101000000000000_tables.down.sql"
echo 'ALTER TABLE session_devices ALTER COLUMN identity_id SET NOT NULL;' >"$tmp/kratos/$label.postgres.up.sql"
echo 'ALTER TABLE session_devices ALTER COLUMN identity_id DROP NOT NULL;' >"$tmp/kratos/$label.down.sql"
new_database kratos
exits 0 'Kratos: its two programs are built in' pgstride up --dir "$tmp/kratos"
is "$(sql 'SELECT string_agg(substr(version, 20), $$ $$ ORDER BY version) FROM schema_migration')" '0 1 2 3' 'and stand in its table, so that it gets ready'
is "$(sql 'SELECT count(*) FROM identity_credential_identifiers i JOIN identity_credentials c ON c.id = i.identity_credential_id WHERE i.id <= 25000 AND i.identity_id = c.identity_id')" 25000 'every identifier has its identity'
is "$(sql 'SELECT string_agg(coalesce(identity_id::text, $$-$$), $$ $$ ORDER BY id) FROM identity_credential_identifiers WHERE id > 30000')" '- 77' 'but one of another network, and one that had it'
is "$(sql 'SELECT count(*) FROM session_devices d JOIN sessions s ON s.id = d.session_id WHERE d.identity_id = s.identity_id')" 12000 'every device has its own'
is "$(sql "SELECT count(DISTINCT xmin::text) > 1 FROM identity_credential_identifiers WHERE id <= 25000")" t 'in more than one transaction'
exits 0 'Kratos: down' pgstride down --dir "$tmp/kratos" --yes --steps 3
is "$(sql 'SELECT string_agg(substr(version, 20), $$ $$) FROM schema_migration')" 0 'leads over them, too'
is "$(sql 'SELECT count(*) FROM session_devices WHERE identity_id IS NULL')" 0 'and leaves the rows as they are'
exits 0 'Kratos: and up again' pgstride up --dir "$tmp/kratos"

finish
