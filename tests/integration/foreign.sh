#!/bin/bash
# foreign.sh: the histories of other runners. Their tables are made as they make them,
# written with our own record, read back as the truth, and their locks are respected.
. "$(dirname "$0")/../lib.sh"
start_postgres
fixtures=$root/tests/fixtures
export FLYWAY_PLACEHOLDERS_OWNER=shop

# is_table TABLE WANT WHAT: what \d says of it, to the letter.
described() {
	sql "SELECT string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END, CASE WHEN attidentity <> '' THEN 'identity' END, pg_get_expr(adbin, adrelid)), ', ' ORDER BY attnum)
	       FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
	      WHERE attrelid = '$1'::regclass AND attnum > 0"
	sql "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '$1'::regclass ORDER BY 1"
}
# up_in FOLDER [option...]: on a database of its own.
up_in() {
	local folder=$1
	shift
	new_database "of_${folder//-/_}"
	exits 0 "$folder: status of an empty database" pgstride status --dir "$fixtures/$folder" "$@"
	is "$(sql "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname NOT LIKE 'pg_%' AND nspname <> 'information_schema'")" 0 "$folder: makes nothing"
	exits 0 "$folder: up" pgstride up --dir "$fixtures/$folder" "$@"
}

# --- popx ------------------------------------------------------------------------------

up_in popx
is "$(described schema_migration)" "version character varying(48) not null, version_self integer not null 0
CREATE INDEX schema_migration_version_self_idx ON public.schema_migration USING btree (version_self)
CREATE UNIQUE INDEX schema_migration_version_idx ON public.schema_migration USING btree (version)" 'popx: its table'
is "$(sql "SELECT string_agg(version || ':' || version_self, ' ' ORDER BY version DESC) FROM schema_migration")" \
	'20211699000000000000:0 20210103000000000000:0 20210102000000000000:0 20210101000000000001:0 20210101000000:0' 'popx: a row for each version'
exits 0 'popx: down' pgstride down --dir "$fixtures/popx" --yes
is "$(sql "SELECT count(*) FROM schema_migration")" 4 'popx: takes its row away'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'popx: without our history' pgstride status --dir "$fixtures/popx" --format json
is "$(jq -c '[.result.pending, (.result.migrations[0] | .state, .how)]' <<<"$out")" '[1,"contracted","adopt"]' 'status goes by its table'
is "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'")" 0 'and makes nothing'
sql "UPDATE schema_migration SET version = '20210102000000' WHERE version = '20210102000000000000'"
exits 0 'popx: adopt' pgstride adopt --from popx --dir "$fixtures/popx" --yes
like "$out" 'Recorded 4 migrations, running nothing' 'takes over what it has applied'
exits 0 'popx: adopt again' pgstride adopt --dir "$fixtures/popx" --yes
like "$out" 'nothing was changed' 'has nothing to take over'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'popx: up adopts it' pgstride up --dir "$fixtures/popx"
like "$err" 'adopted from popx: 4 migrations' 'and says so'
is "$(sql "SELECT string_agg(how, ' ' ORDER BY version) FROM pgstride.migrations")" 'adopt adopt adopt adopt run' 'only what is pending ran'
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migration WHERE version LIKE '20210102%'")" \
	'20210102000000 20210102000000000000' 'a version of 14 digits counts, and the whole one is put beside it'
sql "DELETE FROM schema_migration WHERE version = '20211699000000000000'"
exits 4 'what it took back' pgstride up --dir "$fixtures/popx"
like "$err" 'popx does not have it in schema_migration any more' 'is asked about'
exits 4 'status --exit-code' pgstride status --exit-code --dir "$fixtures/popx"
like "$out" 'nothing can run: .* popx does not have it' 'says so too'
exits 0 'and said' pgstride mark 20211699000000000000 --dir "$fixtures/popx" --yes
is "$(sql "SELECT count(*) FROM schema_migration WHERE version = '20211699000000000000'")" 1 'mark writes its row'
exits 0 'both agree again' pgstride up --dir "$fixtures/popx"

# Its first releases had one column; it replaces that table when it meets it.
sql "DROP SCHEMA pgstride CASCADE; DROP TABLE schema_migration; CREATE TABLE schema_migration (version VARCHAR(14) PRIMARY KEY);
	CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version); INSERT INTO schema_migration VALUES ('20210101000000'), ('20210102000000')"
exits 0 'popx: an old table is read' pgstride status --dir "$fixtures/popx" --format json
is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["20210101000000","20210101000000000001","20210102000000000000"]' 'popx: by its 14 digits'
like "$(pgstride plan --dir "$fixtures/popx" 2>&1)" '"schema_migration" is as an older release made it: up would renew it, as popx does; the old one is kept as "schema_migration_pop_legacy"' 'popx: it is said what becomes of it'
exits 0 'popx: adopted' pgstride adopt --dir "$fixtures/popx" --yes
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version), to_regclass('schema_migration_pop_legacy') IS NULL FROM schema_migration")" '20210101000000 20210102000000|t' 'popx: it is left as it is'
exits 0 'popx: and renewed by who writes' pgstride mark 20210103000000000000 --dir "$fixtures/popx" --yes
like "$err" '"schema_migration" is as an older release made it: renewed, as popx does; the old one is kept as "schema_migration_pop_legacy"' 'popx: who says so'
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migration_pop_legacy") / $(sql "SELECT string_agg(version || ':' || version_self, ' ' ORDER BY version) FROM schema_migration")" \
	'20210101000000 20210102000000 / 20210101000000:0 20210102000000:0 20210103000000000000:0' 'popx: the old one is kept, and the new one has its rows'

# What Kratos does in Go between two of its files, on rows; some have no parent of theirs.
new_database filled
backfills=$fixtures/popx-backfills
exits 0 'popx: up to what a program did' pgstride up --dir "$backfills" --to 20251104000000000000
sql "INSERT INTO identity_credentials SELECT g, g % 3, 'i' || g FROM generate_series(1, 100) g;
     INSERT INTO identity_credential_identifiers SELECT g, CASE WHEN g % 7 = 0 THEN 99 ELSE (g % 100 + 1) % 3 END, g % 100 + 1 FROM generate_series(1, 12000) g;
     INSERT INTO sessions SELECT g, 1, 's' || g FROM generate_series(1, 50) g;
     INSERT INTO session_devices SELECT g, 1, g % 50 + 1 FROM generate_series(1, 10001) g"
exits 0 'popx: its program is built in, and the file behind it runs' pgstride up --dir "$backfills"
is "$(sql "SELECT count(*) FILTER (WHERE i.identity_id = 'i' || c.id), count(*) FILTER (WHERE i.identity_id IS NULL AND i.nid = 99), count(*)
             FROM identity_credential_identifiers i JOIN identity_credentials c ON c.id = i.identity_credential_id")" \
	'10286|1714|12000' 'popx: every row that has a parent is filled from it, in more than one batch'
is "$(sql "SELECT count(*) FROM session_devices WHERE identity_id = 's' || session_id")" 10001 'popx: those of the other table too'
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migration WHERE version LIKE '20251105%'")" \
	'20251105000000000001 20251105000000000002 20251105000000000003' 'popx: and its runner finds them in its table'
before=$(snapshot_catalog)
exits 0 'popx: all the way down, over what a program did' pgstride down --dir "$backfills" --yes --steps 9
is "$(sql 'SELECT count(*) FROM schema_migration') $(snapshot_catalog | grep -c identity)" '0 0' 'popx: and nothing is left'
exits 0 'popx: and up again' pgstride up --dir "$backfills"
is "$(snapshot_catalog)" "$before" 'popx: to the same schema'

# --- golang-migrate --------------------------------------------------------------------

up_in pair
is "$(described schema_migrations)" "version bigint not null, dirty boolean not null
CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version)" 'pair: its table'
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '11|f' 'pair: one row, the last version'
exits 0 'pair: down' pgstride down --dir "$fixtures/pair" --yes --steps 2
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'pair: the one before it'
exits 0 'pair: down to nothing' pgstride down --dir "$fixtures/pair" --yes --steps 2
is "$(sql 'SELECT count(*) FROM schema_migrations')" 0 'pair: no row'
sql "INSERT INTO schema_migrations VALUES (2, true); DROP SCHEMA pgstride CASCADE"
exits 0 'pair: dirty' pgstride status --dir "$fixtures/pair"
like "$out" 'Database Status: DIRTY' 'status says so'
exits 3 'up refuses' pgstride up --dir "$fixtures/pair"
like "$err" '^Error: Database is in dirty state at version 2$' 'in the known words'
like "$err" '^ +Dirty database version 2. Fix and force version.$' "and in golang-migrate's own"
exits 3 'down refuses' pgstride down --dir "$fixtures/pair" --yes
exits 0 'force' pgstride force 2 --dir "$fixtures/pair" --yes
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'clears it'
sql 'CREATE TABLE pair_orders (id int PRIMARY KEY, total numeric, currency text)'
exits 0 'and up goes on behind it' pgstride up --dir "$fixtures/pair"
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '11|f' 'pair: at the end'
sql 'UPDATE schema_migrations SET dirty = true'
exits 3 'pair: stopped again where both were done' pgstride up --yes --dir "$fixtures/pair"
exits 3 'and status --exit-code' pgstride status --exit-code --dir "$fixtures/pair"
like "$out" 'Database Status: DIRTY' 'calls it dirty'
sql 'UPDATE schema_migrations SET dirty = false'
mkdir "$tmp/midway"
echo 'CREATE TABLE midway (n int); INSERT INTO midway VALUES (1);' >"$tmp/midway/1_a.up.sql"
echo 'CREATE INDEX CONCURRENTLY midway_n ON midway (n); ALTER TABLE midway ADD CHECK (n > 5);' >"$tmp/midway/2_b.up.sql"
new_database midway
exits 1 'pair: stopped midway' pgstride up --dir "$tmp/midway"
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|t' 'its row is dirty, as golang-migrate would have it'
sed -i 's/n > 5/n > 0/' "$tmp/midway/2_b.up.sql"
exits 0 'we know how far it came, and go on' pgstride up --dir "$tmp/midway"
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'and it is clean'
echo 'ALTER TABLE midway ADD COLUMN m int; ALTER TABLE midway ADD CHECK (n > 5); ALTER TABLE midway ADD COLUMN o int;' >"$tmp/midway/3_c.up.sql"
exits 1 'pair: rolled back' pgstride up --dir "$tmp/midway"
like "$err" 'failed at statement 2 of 3 ' 'of several on a line the one that failed is counted'
sed -i 's/ADD COLUMN m int/ADD CHECK (n > 6)/' "$tmp/midway/3_c.up.sql"
keep pgstride up --dir "$tmp/midway"
like "$err" 'failed at statement 1 of 3 ' 'also where it is the first of the file'
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '2|f' 'nothing is dirty that was rolled back whole'

# The way down is read by who goes it: golang-migrate does not look at it before, either.
new_database no_way_back
mkdir "$tmp/no_way_back"
echo 'CREATE TABLE there (n int);' >"$tmp/no_way_back/1_a.up.sql"
echo 'DORP TABLE there;' >"$tmp/no_way_back/1_a.down.sql"
exits 0 'pair: a mistake in the way down keeps nobody from going up' pgstride up --dir "$tmp/no_way_back"
exits 2 'validate tells of it' pgstride validate --dir "$tmp/no_way_back"
like "$err$out" '1_a.down.sql:1: .*DORP' 'by file and line'
exits 2 'down refuses it' pgstride down --dir "$tmp/no_way_back" --yes
like "$err" '1_a.down.sql:1: .*DORP' 'before anything is undone'
is "$(sql 'SELECT version, dirty FROM schema_migrations')" '1|f' 'and its row stays as it was'

# --- dbmate, goose ---------------------------------------------------------------------

up_in dbmate --layout dbmate
is "$(described schema_migrations)" "version character varying not null
CREATE UNIQUE INDEX schema_migrations_pkey ON public.schema_migrations USING btree (version)" 'dbmate: its table'
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version) FROM schema_migrations")" '20260101000000 20260102000000 20260103000000' 'dbmate: its rows'
exits 4 'a table of another runner' pgstride status --dir "$fixtures/pair"
like "$err" '"schema_migrations" is not the one that golang-migrate makes' 'is not written to'
exits 0 'nor looked at with --history=own' pgstride status --dir "$fixtures/pair" --history own

up_in goose
is "$(described goose_db_version)" "id integer not null identity, version_id bigint not null, is_applied boolean not null, tstamp timestamp without time zone not null now()
CREATE UNIQUE INDEX goose_db_version_pkey ON public.goose_db_version USING btree (id)" 'goose: its table'
is "$(sql "SELECT string_agg(version_id || ':' || is_applied, ' ' ORDER BY id) FROM goose_db_version")" '0:true 1:true 2:true 10:true' 'goose: its rows'
sql "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)"
exits 0 'goose: a version that has no file' pgstride up --dir "$fixtures/goose"
mkdir "$tmp/ahead"
cp "$fixtures/goose"/* "$tmp/ahead"
printf -- '-- +goose Up\nCREATE TABLE goose_late (n int);\n' >"$tmp/ahead/00050_late.sql"
exits 4 'goose: nothing runs behind it' pgstride up --dir "$tmp/ahead"
like "$err" 'found missing migrations before current version 99: version 50' 'goose: is told in the known words'
exits 0 'goose: unless it is told to' pgstride up --dir "$tmp/ahead" --out-of-order
is "$(sql 'SELECT max(version_id) FILTER (WHERE version_id < 99) FROM goose_db_version')" 50 'goose: then it does'
exits 0 'goose: and goes back' pgstride down --dir "$tmp/ahead" --yes --layout goose --steps 1
sql 'DELETE FROM goose_db_version WHERE version_id = 99'
exits 0 'goose: down' pgstride down --dir "$fixtures/goose" --yes
is "$(sql "SELECT string_agg(version_id || ':' || is_applied, ' ' ORDER BY id) FROM goose_db_version")" '0:true 1:true 2:true' 'goose: the row is gone'

# --- Flyway ----------------------------------------------------------------------------

up_in flyway
is "$(described flyway_schema_history)" "installed_rank integer not null, version character varying(50), description character varying(200) not null, type character varying(20) not null, script character varying(1000) not null, checksum integer, installed_by character varying(100) not null, installed_on timestamp without time zone not null now(), execution_time integer not null, success boolean not null
CREATE INDEX flyway_schema_history_s_idx ON public.flyway_schema_history USING btree (success)
CREATE UNIQUE INDEX flyway_schema_history_pk ON public.flyway_schema_history USING btree (installed_rank)" 'flyway: its table'
# As java.util.zip.CRC32 sums the lines of the two files.
initial_sum=1918925818 state_sum=-2106233744
is "$(sql "SELECT concat_ws('|', installed_rank, version, description, type, script, installed_by, success) FROM flyway_schema_history ORDER BY 1")" \
	'1|1.1|initial|SQL|V1_1__initial.sql|postgres|t
2|1.2|add state|SQL|V1_2__add_state.sql|postgres|t
3|1.10|index|SQL|V1_10__index.sql|postgres|t
4|1.11|placeholder|SQL|V1.11__placeholder.sql|postgres|t
5|all orders|SQL|views/R__all_orders.sql|postgres|t' 'flyway: its rows'
is "$(sql "SELECT checksum FROM flyway_schema_history WHERE version = '1.1'")" $initial_sum 'flyway: the checksum of the lines'
is "$(sql "SELECT count(*) FROM flyway_schema_history WHERE execution_time < 0 OR checksum IS NULL")" 0 'flyway: time and sum are there'
sql "DROP SCHEMA pgstride CASCADE; UPDATE flyway_schema_history SET checksum = 7 WHERE version = '1.2'"
exits 4 'flyway: a checksum that is another' pgstride up --dir "$fixtures/flyway"
like "$err" 'Migration checksum mismatch for migration version 1.2' 'is told in the known words'
like "$err" '-> Applied to database : 7' 'with both sums'
sql "UPDATE flyway_schema_history SET checksum = $state_sum, success = false WHERE version = '1.2'; DROP SCHEMA pgstride CASCADE"
exits 3 'flyway: a failed row' pgstride up --dir "$fixtures/flyway"
like "$err" 'Database is in dirty state at version 1.2' 'is not passed over'
exits 0 'flyway: mark' pgstride mark 1.2 --dir "$fixtures/flyway" --yes
is "$(sql "SELECT success FROM flyway_schema_history WHERE version = '1.2'")" t 'flyway: makes it good'
sql "DROP SCHEMA pgstride CASCADE; DELETE FROM flyway_schema_history WHERE version <> '1.11' OR version IS NULL; UPDATE flyway_schema_history SET version = '1.10', type = 'BASELINE', checksum = NULL"
exits 0 'flyway: a baseline' pgstride status --dir "$fixtures/flyway" --format json
is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["1.1","1.2","1.10"]' 'stands for all up to it'

# --- Flyway: again, instead of many, in between -----------------------------------------

mkdir "$tmp/again"
echo 'CREATE TABLE t (n int);' >"$tmp/again/V1__t.sql"
echo 'CREATE OR REPLACE VIEW v AS SELECT n FROM t;' >"$tmp/again/R__v.sql"
new_database again
exits 0 'a repeatable migration' pgstride up --dir "$tmp/again"
exits 0 'is done' pgstride status --dir "$tmp/again" --exit-code
echo '-- only a comment' >>"$tmp/again/R__v.sql"
exits 8 'with another comment it is pending, as it is for its runner' pgstride status --dir "$tmp/again" --exit-code
exits 0 'which our own history does not care for' pgstride status --dir "$tmp/again" --exit-code --history own
exits 0 'so it runs' pgstride up --dir "$tmp/again"
sed -i '$d' "$tmp/again/R__v.sql"
exits 8 'as it was the first time, it is not as it was the last' pgstride status --dir "$tmp/again" --exit-code
exits 0 'so it runs again' pgstride up --dir "$tmp/again"
is "$(sql "SELECT count(*), count(DISTINCT checksum) FROM flyway_schema_history WHERE version IS NULL")" '3|2' 'and has a row for each time'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'taken over from its runner' pgstride up --dir "$tmp/again"
like "$err" 'adopted from Flyway: 2 migrations' 'by its rows'
echo 'CREATE OR REPLACE VIEW v AS SELECT n, n * 2 AS m FROM t; CREATE OR REPLACE VIEW w AS SELECT 1 / 0;' >"$tmp/again/R__v.sql"
exits 8 'changed, it is pending' pgstride status --dir "$tmp/again" --exit-code
sed -i 's/SELECT 1 .*/SELECT nowhere FROM t;/' "$tmp/again/R__v.sql"
exits 1 'one that fails' pgstride up --dir "$tmp/again"
exits 8 'stays pending' pgstride status --dir "$tmp/again" --exit-code
sed -i 's/nowhere/n/' "$tmp/again/R__v.sql"
echo 'CREATE TABLE later (n int);' >"$tmp/again/V2__later.sql"
exits 0 'it runs again, behind the versions' pgstride up --dir "$tmp/again"
is "$(sql "SELECT string_agg(concat_ws(':', version, description), ' ' ORDER BY installed_rank) FROM flyway_schema_history")" '1:t v v v 2:later v' 'behind those before'
exits 0 'and is done' pgstride status --dir "$tmp/again" --exit-code
echo 'CREATE TABLE t (n int); CREATE TABLE later (n int); CREATE TABLE base (n int);' >"$tmp/again/B2__all.sql"
exits 0 'a baseline script where versions are applied' pgstride status --dir "$tmp/again" --exit-code
echo 'CREATE TABLE third (n int);' >"$tmp/again/V3__third.sql"
new_database again
exits 0 'and in an empty database' pgstride up --dir "$tmp/again"
exits 0 'status then' pgstride status --dir "$tmp/again"
like "$out" 'V1__t.sql \(skipped: a baseline script stands for it\)' 'says what stands for others'
is "$(sql "SELECT string_agg(concat_ws(':', version, type), ' ' ORDER BY installed_rank) FROM flyway_schema_history")" '2:SQL_BASELINE 3:SQL SQL' 'stands for what is before it'
exits 0 'also later' pgstride status --dir "$tmp/again" --exit-code
echo 'CREATE TABLE between (n int);' >"$tmp/again/V2.5__between.sql"
exits 4 'a version that comes late' pgstride up --dir "$tmp/again"
exits 0 'is applied where that is said' pgstride up --dir "$tmp/again" --out-of-order
rm "$tmp/again/V3__third.sql"
exits 4 'a file that is gone' pgstride up --dir "$tmp/again"
exits 0 'may be missing where that is said' pgstride up --dir "$tmp/again" --ignore-migration-patterns '*:missing,*:future'

# --- drizzle ---------------------------------------------------------------------------

up_in drizzle
is "$(described drizzle.__drizzle_migrations)" "id integer not null nextval('drizzle.__drizzle_migrations_id_seq'::regclass), hash text not null, created_at bigint
CREATE UNIQUE INDEX __drizzle_migrations_pkey ON drizzle.__drizzle_migrations USING btree (id)" 'drizzle: its table'
is "$(sql 'SELECT hash, created_at FROM drizzle.__drizzle_migrations ORDER BY id')" \
	"$(sha256sum <"$fixtures/drizzle/0000_loud_hulk.sql" | cut -d' ' -f1)|1767225600000
$(sha256sum <"$fixtures/drizzle/0001_calm_ant.sql" | cut -d' ' -f1)|1767312000000" 'drizzle: its rows'
up_in drizzle-folders
is "$(sql 'SELECT name, created_at, applied_at IS NOT NULL FROM drizzle.__drizzle_migrations ORDER BY id')" \
	'20260101000000_orders|1767225600000|t
20260102000000_paid|1767312000000|t' 'drizzle 1.0: its rows'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'drizzle 1.0: nothing is pending' pgstride status --dir "$fixtures/drizzle-folders" --exit-code

# --- Atlas -----------------------------------------------------------------------------

up_in atlas
is "$(described atlas_schema_revisions.atlas_schema_revisions)" "version character varying not null, description character varying not null, type bigint not null 2, applied bigint not null 0, total bigint not null 0, executed_at timestamp with time zone not null, execution_time bigint not null, error text, error_stmt text, hash character varying not null, partial_hashes jsonb, operator_version character varying not null
CREATE UNIQUE INDEX atlas_schema_revisions_pkey ON atlas_schema_revisions.atlas_schema_revisions USING btree (version)" 'atlas: its table'
is "$(sql "SELECT concat_ws('|', version, description, type, applied, total, 'h1:' || hash, partial_hashes, operator_version ~ '^pgstride v[0-9]') FROM atlas_schema_revisions.atlas_schema_revisions ORDER BY 1")" \
	"$(awk 'NR > 1 { split($1, part, /[_.]/); print part[1] "|" part[2] "|2|" (NR == 4 ? "2|2" : "1|1") "|" $2 "|t" }' "$fixtures/atlas/atlas.sum")" 'atlas: its rows, with the sums of atlas.sum'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'atlas: without our history nothing is pending' pgstride status --dir "$fixtures/atlas" --exit-code
sql "UPDATE atlas_schema_revisions.atlas_schema_revisions SET applied = 1, partial_hashes = '[\"h1:x\"]', error = 'no' WHERE total = 2"
exits 3 'atlas: a file that Atlas left midway' pgstride up --dir "$fixtures/atlas"
like "$err" '^Error: Database is in dirty state at version 20260103000000$' 'is not passed over'
exits 0 'atlas: a force' pgstride force 20260103000000 --dir "$fixtures/atlas" --yes
is "$(sql 'SELECT count(*) FROM atlas_schema_revisions.atlas_schema_revisions WHERE applied = total AND total > 0 AND error IS NULL AND partial_hashes IS NULL')" 3 'makes it good'
sql "DROP SCHEMA pgstride CASCADE; ALTER TABLE atlas_schema_revisions.atlas_schema_revisions SET SCHEMA public; DROP SCHEMA atlas_schema_revisions;
	DELETE FROM atlas_schema_revisions WHERE version <> '20260102000000'; UPDATE atlas_schema_revisions SET type = 1, applied = 0, total = 0;
	INSERT INTO atlas_schema_revisions SELECT '.atlas_cloud_identifier', 'id', 2, 0, 0, now(), 0, NULL, NULL, '', NULL, 'Atlas CLI'"
exits 0 'atlas: a baseline, in the schema that is connected to' pgstride status --dir "$fixtures/atlas" --format json
is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["20260101000000","20260102000000"]' 'stands for all up to it'
sql 'ALTER TABLE atlas_orders DROP COLUMN note, DROP COLUMN paid'
exits 0 'atlas: up' pgstride up --dir "$fixtures/atlas"
is "$(sql "SELECT string_agg(version, ' ' ORDER BY version) FROM public.atlas_schema_revisions")" '.atlas_cloud_identifier 20260102000000 20260103000000' 'goes on in that table'
is "$(sql "SELECT to_regnamespace('atlas_schema_revisions') IS NULL")" t 'and makes no other'

mkdir "$tmp/revisions"
printf -- '-- atlas:txmode none\n\nCREATE TABLE r (n int);\nCREATE INDEX CONCURRENTLY r_n ON r (n);\nSELECT 1 / 0;\n' >"$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
new_database revisions
exits 1 'atlas: one that stops midway' pgstride up --dir "$tmp/revisions"
is "$(sql "SELECT applied, total, partial_hashes->>0, partial_hashes->>1 FROM atlas_schema_revisions.atlas_schema_revisions")" \
	"2|3|h1:$(printf 'CREATE TABLE r (n int);' | openssl dgst -sha256 -binary | base64 -w0)|h1:$(printf 'CREATE TABLE r (n int);CREATE INDEX CONCURRENTLY r_n ON r (n);' | openssl dgst -sha256 -binary | base64 -w0)" \
	'says how far it is, in the sums by which Atlas would go on'
sed -i 's|SELECT 1 / 0|SELECT 1|' "$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
exits 0 'and we go on' pgstride up --dir "$tmp/revisions"
is "$(sql "SELECT applied, total, partial_hashes FROM atlas_schema_revisions.atlas_schema_revisions")" '3|3|' 'to the end'

# As Atlas leaves it, without any history of ours.
new_database midway
sed -i 's|SELECT 1|SELECT 1 / 0|' "$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
keep pgstride up --dir "$tmp/revisions"
sql "DROP SCHEMA pgstride CASCADE; UPDATE atlas_schema_revisions.atlas_schema_revisions SET error = 'division by zero'"
exits 0 'atlas: where Atlas stopped midway, status' pgstride status --dir "$tmp/revisions"
like "$out" 'Atlas stopped behind 2 of 3 statements: division by zero' 'says how far it came'
like "$out" '^Database Status: clean$' 'and that we can go on'
exits 1 'atlas: we do, and fail at the same statement' pgstride up --dir "$tmp/revisions"
is "$(sql "SELECT applied, total, jsonb_array_length(partial_hashes) FROM atlas_schema_revisions.atlas_schema_revisions")" '2|3|2' 'its row still says what is done'
sql 'DROP SCHEMA pgstride CASCADE'
sed -i 's|1 / 0|1|; s|r (n int)|r (n bigint)|' "$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
exits 3 'atlas: what is done is no longer what the file says' pgstride up --dir "$tmp/revisions"
like "$err" '^Error: Database is in dirty state at version 1$' 'is refused'
like "$err" 'history changed: statement 1 from file "1_midway.sql" changed' 'with the statement'
sed -i 's|bigint|int|' "$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
exits 0 'atlas: with the old text back' pgstride up --dir "$tmp/revisions"
is "$(sql "SELECT applied, total, error, partial_hashes FROM atlas_schema_revisions.atlas_schema_revisions")" '3|3||' 'we go on behind it, to the end'
is "$(sql 'SELECT count(*) FROM pgstride.steps WHERE done')" 3 'and know all of it'
new_database midway
printf 'CREATE TABLE r (n int);\nCREATE TABLE s (n int);\n' >"$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
keep pgstride up --dir "$tmp/revisions"
sql "DROP SCHEMA pgstride CASCADE; DROP TABLE s; UPDATE atlas_schema_revisions.atlas_schema_revisions SET applied = 1,
	partial_hashes = jsonb_build_array('h1:$(printf 'CREATE TABLE r (n int);' | openssl dgst -sha256 -binary | base64 -w0)')"
exits 3 'atlas: it ran without the transaction that we would take' pgstride up --dir "$tmp/revisions"
like "$err" 'atlas:txmode none' 'the cure is named'
sed -i '1i -- atlas:txmode none\n' "$tmp/revisions/1_midway.sql"
sealed "$tmp/revisions"
exits 0 'and is one' pgstride up --dir "$tmp/revisions"
is "$(sql "SELECT to_regclass('s') IS NOT NULL, applied, total FROM atlas_schema_revisions.atlas_schema_revisions")" 't|2|2' 'the rest has run'
sql "DROP SCHEMA pgstride CASCADE; UPDATE atlas_schema_revisions.atlas_schema_revisions SET applied = 1, type = 6"
exits 0 'atlas: what somebody has said to be applied, atlas migrate set' pgstride status --dir "$tmp/revisions" --exit-code

# --- a table of another name ------------------------------------------------------------

# Passed over, it would be as if nothing had been applied.
new_database renamed
sql "CREATE TABLE orders (id int); CREATE TABLE app_changes (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO app_changes VALUES (1, false)"
mkdir "$tmp/renamed" "$tmp/renamed-goose" "$tmp/renamed-dbmate"
echo 'CREATE TABLE orders (id int);' >"$tmp/renamed/1_orders.up.sql"
echo 'CREATE TABLE notes (id int);' >"$tmp/renamed/2_notes.up.sql"
named="postgres://postgres@/renamed?host=$PGHOST&port=$PGPORT&x-migrations-table=app_changes"
exits 0 'pair: its table has the name that the URL says' pgstride up --database "$named" --dir "$tmp/renamed"
is "$(sql "SELECT version, dirty, to_regclass('notes'), to_regclass('schema_migrations') FROM app_changes")" '2|f|notes|' 'pair: is read, and written'
exits 0 'pair: as the flag says' pgstride status --exit-code --dir "$tmp/renamed" --history-table app_changes
exits 4 'pair: a name with quotes in it' pgstride status --database "${named%app_changes}App%22Changes" --dir "$tmp/renamed"
like "$err" 'golang-migrate is called "App"Changes": only a name without dots and quotes' 'is refused'
# It is written as its runner quotes it, and found so.
sql 'DROP SCHEMA pgstride CASCADE; DROP TABLE notes; CREATE TABLE "App-Changes" (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO "App-Changes" VALUES (1, false)'
exits 0 'pair: a name that needs quotes' pgstride up --database "${named%app_changes}App-Changes" --dir "$tmp/renamed"
is "$(sql 'SELECT version, dirty FROM "App-Changes"') $(sql 'SELECT version FROM app_changes')" '2|f 2' 'pair: is read, and written'
sql 'DROP SCHEMA pgstride CASCADE; DROP TABLE notes, orders, "App-Changes"'
exits 0 'pair: and where it is not there' pgstride up --database "${named%app_changes}App-Changes" --dir "$tmp/renamed"
is "$(sql 'SELECT version, dirty FROM "App-Changes"')" '2|f' 'pair: made so'
# In another schema, as its own URL says it; --history-table says the same.
new_database elsewhere
elsewhere="postgres://postgres@/elsewhere?host=$PGHOST&port=$PGPORT&x-migrations-table=%22meta%22.%22changes%22&x-migrations-table-quoted=true"
exits 1 'pair: a schema that is not there' pgstride up --database "$elsewhere" --dir "$tmp/renamed"
like "$err" 'schema "meta" does not exist' 'is named'
sql 'CREATE SCHEMA meta'
exits 0 'pair: its table is in another schema' pgstride up --steps 1 --database "$elsewhere&x-odd=1" --dir "$tmp/renamed"
like "$err" '"x-odd" of the address is not known here and changes nothing' 'what else the URL says is told'
is "$(sql "SELECT version, dirty, to_regclass('orders'), to_regclass('schema_migrations') FROM meta.changes")" '1|f|orders|' 'and is written there'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'pair: from there it goes on' pgstride up --history-table meta.changes --dir "$tmp/renamed"
is "$(sql 'SELECT version FROM meta.changes')" 2 'behind what it says'
exits 4 'a runner that never has it elsewhere' pgstride status --history-table meta.changes --dir "$fixtures/flyway"
like "$err" 'of Flyway is called "meta.changes": only a name without dots and quotes is read$' 'is refused'
printf -- '-- +goose Up\nCREATE TABLE goose_notes (id int);\n' >"$tmp/renamed-goose/1_a.sql"
new_database renamed_goose
exits 0 'goose: its variable' env GOOSE_TABLE=goose_changes "$pgstride_binary" up --dir "$tmp/renamed-goose"
is "$(sql "SELECT max(version_id), to_regclass('goose_db_version') FROM goose_changes")" '1|' 'goose: names its table'
printf -- '-- migrate:up\nCREATE TABLE dbmate_notes (id int);\n-- migrate:down\n' >"$tmp/renamed-dbmate/1_a.sql"
new_database renamed_goose
sql 'CREATE SCHEMA meta'
exits 0 'goose: in another schema' env GOOSE_TABLE=meta.goose_changes "$pgstride_binary" up --dir "$tmp/renamed-goose"
is "$(sql "SELECT max(version_id), to_regclass('goose_db_version'), to_regclass('goose_changes') FROM meta.goose_changes")" '1||' 'goose: is where it is looked for'
# goose pastes the name: without quotes the server reads it in small letters.
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'goose: a name in large letters' env GOOSE_TABLE=Meta.Goose_Changes "$pgstride_binary" status --exit-code --dir "$tmp/renamed-goose"
sql 'DROP TABLE goose_notes'
exits 0 'goose: in quotes it is another' env 'GOOSE_TABLE="Goose-Changes"' "$pgstride_binary" up --dir "$tmp/renamed-goose"
is "$(sql 'SELECT max(version_id) FROM "Goose-Changes"')" 1 'goose: and made so'
# A schema that is told is made where the runner would make it.
new_database renamed_drizzle
exits 0 'drizzle: in another schema' pgstride up --dir "$fixtures/drizzle" --history-table 'Meta.__drizzle_migrations'
is "$(sql "SELECT count(*) > 0, to_regnamespace('drizzle') FROM \"Meta\".__drizzle_migrations")" 't|' 'drizzle: is made there'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'drizzle: and found there' pgstride status --exit-code --dir "$fixtures/drizzle" --history-table 'Meta.__drizzle_migrations'
new_database renamed_atlas
exits 0 'Atlas: in another schema' pgstride up --dir "$fixtures/atlas" --history-table public.atlas_schema_revisions
is "$(sql "SELECT count(*) > 0, to_regnamespace('atlas_schema_revisions') FROM public.atlas_schema_revisions")" 't|' 'Atlas: is made there'
sql 'DROP SCHEMA pgstride CASCADE'
exits 0 'Atlas: and found there' pgstride status --exit-code --dir "$fixtures/atlas" --history-table public.atlas_schema_revisions
new_database renamed_dbmate
exits 0 'dbmate: its variable' env DBMATE_MIGRATIONS_TABLE=dbmate_changes "$pgstride_binary" up --layout dbmate --dir "$tmp/renamed-dbmate"
is "$(sql "SELECT version, to_regclass('schema_migrations') FROM dbmate_changes")" '1|' 'dbmate: names its table'
new_database renamed_dbmate
sql 'CREATE SCHEMA meta'
exits 0 'dbmate: in another schema' env DBMATE_MIGRATIONS_TABLE=meta.changes "$pgstride_binary" up --layout dbmate --dir "$tmp/renamed-dbmate"
is "$(sql "SELECT version, to_regclass('schema_migrations') FROM meta.changes")" '1|' 'dbmate: is where it is looked for'
exits 2 'a folder that has no such table' pgstride status --layout plain --dir "$fixtures/plain" --history-table changes

new_database rails
sql "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('7')"
exits 0 'a table that looks like it, and has none of these migrations' pgstride up --dir "$tmp/renamed-dbmate"
is "$(sql 'SELECT version FROM schema_migrations')" 7 '... is left alone'

# --- two at once -----------------------------------------------------------------------

new_database two
for n in 1 2 3; do
	"$pgstride_binary" up --dir "$fixtures/flyway" >"$tmp/two.$n" 2>&1 &
	eval "pid$n=$!"
done
# shellcheck disable=SC2154 # set by eval
for n in 1 2 3; do
	pid=pid$n
	wait "${!pid}"
	is $? 0 "three at once: number $n ends well"
done
is "$(sql 'SELECT count(*), max(installed_rank) FROM flyway_schema_history')" '5|5' 'and every row is there once'

finish
