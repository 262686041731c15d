#!/bin/bash
# whose.sh: folders whose files two runners would read: the histories in the database say
# whose they are, by themselves once one is shared, and by asking where they do not agree.
# once: whose a folder is does not hang on our extension
. "$(dirname "$0")/../lib.sh"
start_postgres

dbmate_table='CREATE TABLE schema_migrations (version varchar PRIMARY KEY)'
popx_table='CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0); CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version)'
pair_table='CREATE TABLE schema_migrations (version bigint not null primary key, dirty boolean not null)'
rows() { sql "SELECT string_agg(version::text, ' ' ORDER BY version) FROM $1"; }
layout() { pgstride status --format json "$@" | jq -r .result.layout; }

# folder NAME: three files as dbmate and pgstride read them; more FILE TEXT: another one.
folder() {
	mkdir "$tmp/$1"
	for n in 1 2 3; do
		printf -- '-- migrate:up\nCREATE TABLE t%s (n int);\n-- migrate:down\nDROP TABLE t%s;\n' $n $n >"$tmp/$1/${n}_t.sql"
	done
}
more() { printf -- '%b' "$2" >"$tmp/$1"; }

# --- dbmate's, which has run some of it ---------------------------------------------------

folder twin
new_database twin
sql "$dbmate_table; INSERT INTO schema_migrations VALUES ('1'), ('2'); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)"
for verb in status plan up; do
	exits 4 "dbmate: $verb wants to be told" pgstride $verb --dir "$tmp/twin"
	like "$err" 'dbmate has applied 2 of the 3 migrations.*and pgstride.*none' "dbmate: $verb says what it saw"
	like "$err" 'pgstride adopt --from=dbmate' "dbmate: $verb says how to go on"
done
is "$(sql "SELECT to_regnamespace('pgstride')")" '' 'dbmate: nothing was made for that'
exits 0 'dbmate: told, status goes on' pgstride status --dir "$tmp/twin" --layout dbmate
like "$out" '3_t.sql' 'dbmate: and knows what is pending'

# What adoption recorded decides from then on, in every verb, and the table is written.
exits 0 'dbmate: adopted' pgstride adopt --from=dbmate --dir "$tmp/twin" --yes
is "$(layout --dir "$tmp/twin")" dbmate 'dbmate: from then on it is known'
exits 0 'dbmate: up needs not be told' pgstride up --dir "$tmp/twin"
is "$(rows schema_migrations)" '1 2 3' 'dbmate: its table says what up ran'
exits 0 'dbmate: down neither' pgstride down --dir "$tmp/twin" --yes
is "$(rows schema_migrations)" '1 2' 'dbmate: its table says what down took back'
sql 'CREATE TABLE t3 (n int)'
exits 0 'dbmate: mark neither' pgstride mark 3 --dir "$tmp/twin" --yes
is "$(rows schema_migrations)" '1 2 3' 'dbmate: its table says what is marked'
exits 0 'dbmate: nothing is pending' pgstride status --exit-code --dir "$tmp/twin"

# It goes on itself: that is its news, and not run again.
more twin/4_t.sql '-- migrate:up\nCREATE TABLE t4 (n int);\n-- migrate:down\nDROP TABLE t4;\n'
sql "CREATE TABLE t4 (n int); INSERT INTO schema_migrations VALUES ('4')"
exits 0 'dbmate: what it ran meanwhile' pgstride up --dir "$tmp/twin"
like "$out" 'already up to date' 'dbmate: is not run again'
exits 0 'dbmate: all taken back' pgstride down --steps 9 --dir "$tmp/twin" --yes
is "$(rows schema_migrations)" '' 'dbmate: in its table, too'
exits 4 'dbmate: a table without any row says nothing' pgstride up --dir "$tmp/twin"
like "$err" 'dbmate has applied 0 of the 4 migrations' 'dbmate: and is asked about'

# --- what they do not agree in is asked ---------------------------------------------------

new_database apart
exits 0 'dbmate: begun by us' pgstride up --dir "$tmp/twin" --layout dbmate --to 2
exits 0 'dbmate: goes on so' pgstride up --dir "$tmp/twin" --to 3
is "$(rows schema_migrations)" '1 2 3' 'dbmate: in its table'
exits 0 'dbmate: somebody says otherwise' pgstride up --dir "$tmp/twin" --layout native
is "$(rows schema_migrations)" '1 2 3' 'dbmate: its table is left alone'
exits 4 'dbmate: then nobody knows' pgstride status --dir "$tmp/twin"
like "$err" 'dbmate has applied 3 of the 4 migrations.*and pgstride 4' 'dbmate: and both counts are told'
like "$err" '--layout=dbmate, here and in the configuration.*--layout=native' 'dbmate: with both ways on'
exits 0 'dbmate: doctor looks all the same' pgstride doctor --dir "$tmp/twin"
exits 4 'dbmate: said, its own words follow' pgstride up --dir "$tmp/twin" --layout dbmate
like "$err" '4_t is applied, and dbmate does not have it' 'dbmate: about what it does not have'
exits 0 'dbmate: which is mended' pgstride mark 4 --dir "$tmp/twin" --layout dbmate --yes
exits 0 'dbmate: and both agree again' pgstride up --dir "$tmp/twin"
is "$(layout --dir "$tmp/twin")" dbmate 'dbmate: so it is known'

# Of what only pgstride reads dbmate would not learn.
more twin/5_t.sql '-- migrate:expand\nALTER TABLE t1 ADD COLUMN m int;\n-- migrate:contract\nALTER TABLE t1 DROP COLUMN n;\n'
exits 4 'dbmate: a file with phases' pgstride up --dir "$tmp/twin"
like "$err" 'Some files here only pgstride reads.*--layout=native' 'dbmate: is asked about'
exits 0 'dbmate: left behind' pgstride up --dir "$tmp/twin" --layout native
rm "$tmp/twin/5_t.sql"

new_database imported
sql "$dbmate_table; INSERT INTO schema_migrations VALUES ('1'), ('2'), ('3'); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int); CREATE TABLE t3 (n int)"
exits 0 'dbmate: imported' pgstride adopt --from dbmate --mode import --dir "$tmp/twin" --yes
exits 0 'dbmate: what was imported is our own' pgstride up --dir "$tmp/twin"
is "$(layout --dir "$tmp/twin") $(rows schema_migrations)" 'native 1 2 3' 'dbmate: and its table stays as it is'

new_database others
sql "CREATE TABLE schema_migrations (version varchar PRIMARY KEY); INSERT INTO schema_migrations VALUES ('77')"
exits 0 'a table that looks like it, and has none of these' pgstride up --dir "$tmp/twin"
is "$(layout --dir "$tmp/twin") $(rows schema_migrations)" 'native 77' 'is not it'

new_database renamed
export DBMATE_MIGRATIONS_TABLE=app_changes
exits 0 'dbmate: its table has another name' pgstride up --dir "$tmp/twin" --layout dbmate --to 2
exits 0 'dbmate: it is found by that' pgstride up --dir "$tmp/twin"
is "$(rows app_changes)" '1 2 3 4' 'dbmate: and written'
unset DBMATE_MIGRATIONS_TABLE

# --- golang-migrate, popx -----------------------------------------------------------------

mkdir "$tmp/two"
for n in 1 2 3; do
	echo "CREATE TABLE t$n (n int);" >"$tmp/two/${n}_t.up.sql"
	echo "DROP TABLE t$n;" >"$tmp/two/${n}_t.down.sql"
done
new_database popx
sql "$popx_table; INSERT INTO schema_migration VALUES ('1'), ('2'); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)"
exits 4 'popx: its files look like those of golang-migrate' pgstride up --dir "$tmp/two"
like "$err" 'popx has applied 2 of the 3 migrations' 'popx: its table tells'
is "$(sql "SELECT to_regclass('schema_migrations')")" '' 'popx: and no other is made'
exits 0 'popx: adopted' pgstride adopt --from popx --dir "$tmp/two" --yes
exits 0 'popx: and known from then on' pgstride up --dir "$tmp/two"
is "$(rows schema_migration) $(sql "SELECT to_regclass('schema_migrations')")" '1 2 3 ' 'popx: in its table, and in no other'
exits 0 'popx: next to it golang-migrate has its own' sql "$pair_table"
is "$(layout --dir "$tmp/two")" pair 'popx: the one of the names is meant, where both are there'

# Lines of ours in its files are comments to it: it reads them all.
new_database marked
mkdir "$tmp/marked"
printf -- '-- migrate:up\nCREATE TABLE marked (n int);\n' >"$tmp/marked/1_a.up.sql"
echo 'DROP TABLE marked;' >"$tmp/marked/1_a.down.sql"
exits 0 'golang-migrate: files with lines of ours' pgstride up --dir "$tmp/marked" --layout pair
exits 0 'golang-migrate: shared from then on' pgstride up --dir "$tmp/marked"
is "$(layout --dir "$tmp/marked")" pair 'golang-migrate: as status says'

# A file with phases among them makes it a folder of ours.
new_database pair
exits 0 'golang-migrate: up' pgstride up --dir "$tmp/two"
more two/4_split.expand.sql 'ALTER TABLE t1 ADD COLUMN m int;\n'
exits 4 'golang-migrate: a file with phases' pgstride up --dir "$tmp/two"
like "$err" 'golang-migrate has applied 3 of the 4 migrations.*and pgstride 3' 'golang-migrate: its table tells'
like "$err" 'leave golang-migrate behind: --layout=native' 'golang-migrate: with the way on'
exits 0 'golang-migrate: said' pgstride up --dir "$tmp/two" --layout native
is "$(rows schema_migrations)" 3 'golang-migrate: its table stays as it is'
sql 'DROP SCHEMA pgstride CASCADE'
exits 4 'golang-migrate: of which we know nothing' pgstride up --dir "$tmp/two"
like "$err" 'and pgstride none' 'golang-migrate: nothing runs again'
like "$err" 'pgstride baseline VERSION --layout=native' 'golang-migrate: with the way on'
exits 0 'golang-migrate: which is one' pgstride baseline 3 --layout native --dir "$tmp/two" --yes

# --- Atlas, through a format of its own -----------------------------------------------------

# Its ?format= reads the folders of others and writes its own table: their files would all
# run again.
atlas_table='CREATE TABLE atlas_schema_revisions (version varchar NOT NULL PRIMARY KEY, description varchar NOT NULL, type bigint NOT NULL DEFAULT 2, applied bigint NOT NULL DEFAULT 0, total bigint NOT NULL DEFAULT 0, executed_at timestamptz NOT NULL, execution_time bigint NOT NULL, error text, error_stmt text, hash varchar NOT NULL, partial_hashes jsonb, operator_version varchar NOT NULL)'
# through FORMAT LAYOUT SAID VERSION NAME...: of three files Atlas has run two, to which SAID leads.
through() {
	local what="Atlas, ?format=$1" layout=$2 dir=$tmp/$1 said=$3
	shift 3
	new_database through
	sql "$atlas_table; CREATE TABLE one_more (n int); CREATE TABLE t1 (n int); CREATE TABLE t2 (n int)"
	while [ $# -gt 1 ]; do
		sql "INSERT INTO atlas_schema_revisions VALUES ('$1', '$2', 2, 1, 1, now(), 1, NULL, NULL, 'x', NULL, 'Atlas CLI v0.30.0')"
		shift 2
	done
	sealed "$dir"
	for verb in status plan up; do
		exits 4 "$what: $verb wants to be told" pgstride $verb --dir "$dir"
		like "$err" 'Atlas has applied 2 of the 3 migrations in this folder, and pgstride none' "$what: $verb says what it saw"
	done
	like "$err" "pgstride baseline $said --layout=$layout" "$what: with the way on"
	is "$(sql "SELECT to_regnamespace('pgstride')")" '' "$what: and nothing was made"
	exits 0 "$what: validate looks at the folder alone" env -u PGSTRIDE_DATABASE "$pgstride_binary" validate --dir "$dir"
	exits 0 "$what: doctor looks all the same" pgstride doctor --dir "$dir"
	exits 0 "$what: said" pgstride baseline "$said" --layout "$layout" --dir "$dir" --yes
	exits 0 "$what: from then on we go on" pgstride up --dir "$dir"
	like "$out" 'Successfully applied 1 migration' "$what: with the next file"
	is "$(sql "SELECT to_regclass('t3') IS NOT NULL, count(*) FROM atlas_schema_revisions")" 't|2' "$what: and its table stays as it is"
	exits 0 "$what: nothing is pending" pgstride status --exit-code --dir "$dir"
	new_database others
	sql "$atlas_table; INSERT INTO atlas_schema_revisions VALUES ('2', 'other', 2, 1, 1, now(), 1, NULL, NULL, 'x', NULL, 'Atlas CLI')"
	exits 0 "$what: versions alone are not enough" env FLYWAY_BASELINE_ON_MIGRATE=true FLYWAY_BASELINE_VERSION=0 "$pgstride_binary" up --dir "$dir"
}
mkdir "$tmp/golang-migrate" "$tmp/goose" "$tmp/flyway" "$tmp/dbmate"
for n in 1 2 3; do
	echo "CREATE TABLE t$n (n int);" | tee "$tmp/golang-migrate/${n}_t_of.up.sql" >"$tmp/flyway/V${n}_1__t_of.sql"
	echo "DROP TABLE t$n;" >"$tmp/golang-migrate/${n}_t_of.down.sql"
	printf -- '-- +goose Up\nCREATE TABLE t%s (n int);\n' $n >"$tmp/goose/0000${n}_t_of.sql"
	printf -- '-- migrate:up\nCREATE TABLE t%s (n int);\n-- migrate:down\nDROP TABLE t%s;\n' $n $n >"$tmp/dbmate/2024010${n}_t_of.sql"
done
through golang-migrate pair 2 1 t_of 2 t_of
through goose goose 00002 00001 t_of 00002 t_of
through flyway flyway 2.1 1_1 t_of 2_1 t_of
through dbmate native 20240102 20240101 t_of 20240102 t_of
# dbmate's files are our own, so that no other table says who has gone on.
use_database through
exits 0 'Atlas, ?format=dbmate: taken back' pgstride down --yes --steps 2 --dir "$tmp/dbmate"
exits 4 'Atlas, ?format=dbmate: which its table does not know' pgstride up --dir "$tmp/dbmate"
like "$err" '\(where pgstride took 20240102 back: only --layout=native\)' 'Atlas, ?format=dbmate: is no baseline'
exits 0 'Atlas, ?format=dbmate: and so it runs again' pgstride up --dir "$tmp/dbmate" --layout native
is "$(sql "SELECT to_regclass('t2') IS NOT NULL AND to_regclass('t3') IS NOT NULL")" t 'Atlas, ?format=dbmate: all of it'
exits 0 'Atlas, ?format=dbmate: nor is there a question left' pgstride status --exit-code --dir "$tmp/dbmate"

# --- another engine -------------------------------------------------------------------------

lite() { "$pgstride_binary" "$@" -d "sqlite:$tmp/twin.db"; }
sqlite3 "$tmp/twin.db" "CREATE TABLE schema_migrations (version varchar(128) primary key); INSERT INTO schema_migrations VALUES ('1'); CREATE TABLE t1 (n int)"
exits 4 'SQLite: dbmate has run some of it' lite up --dir "$tmp/twin"
exits 0 'SQLite: adopted' lite adopt --from dbmate --dir "$tmp/twin" --yes
exits 0 'SQLite: known from then on' lite up --dir "$tmp/twin"
is "$(sqlite3 "$tmp/twin.db" 'SELECT group_concat(version) FROM schema_migrations')" 1,2,3,4 'SQLite: its table says what ran'

finish
