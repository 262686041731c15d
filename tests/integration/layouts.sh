#!/bin/bash
# layouts.sh: folders that were written for other runners go up and down as those would
# have taken them: found out by themselves, in their order, in their transactions.
. "$(dirname "$0")/../lib.sh"
start_postgres
fixtures=$root/tests/fixtures
export FLYWAY_PLACEHOLDERS_OWNER=shop
export PGSTRIDE_HISTORY=own # what their tables get is another test: foreign.sh

# applied LAYOUT: the versions in our history, in the order they ran.
applied() {
	sql "SELECT string_agg(version, ' ' ORDER BY applied_order) FROM pgstride.migrations WHERE component = '$1'"
}
# in_folder LAYOUT command...: the fixture of that name, as a component of its own.
in_folder() {
	local layout=$1 verb=$2
	shift 2
	pgstride "$verb" --dir "$fixtures/$layout" --component "$layout" "$@"
}

# --- each goes up, says what it is, is up to date, and goes down ------------------------

# layout FOLDER NAME VERSIONS: the name that status gives it, and the order.
layout() {
	local folder=$1 name=$2 versions=$3
	shift 3
	exits 0 "$folder: plan" in_folder "$folder" plan "$@"
	exits 0 "$folder: status before" in_folder "$folder" status "$@"
	[ "$name" = native ] || like "$out" "^Layout: $name\$" "$folder: status says whose folder it is"
	exits 0 "$folder: up" in_folder "$folder" up "$@"
	is "$(applied "$folder")" "$versions" "$folder: in its order"
	exits 0 "$folder: nothing is pending" in_folder "$folder" status --exit-code "$@"
	exits 0 "$folder: up again has nothing to do" in_folder "$folder" up "$@"
	exits 0 "$folder: it validates" in_folder "$folder" validate "$@"
}
before=$(snapshot_schema)
layout popx popx '20210101000000 20210101000000000001 20210102000000000000 20210103000000000000 20211699000000000000'
is "$(sql 'SELECT note FROM popx_orders WHERE paid')" "it's; \\d" 'popx: the file for the engine ran, not the generic one'
layout pair pair '1 002 10 11'
layout dbmate dbmate '20260101000000 20260102000000 20260103000000' --layout dbmate
GOOSE_FIXTURE_REGION=us layout goose goose '00001 00002 00010'
is "$(sql "SELECT column_default || col_description('goose_orders'::regclass, 2) FROM information_schema.columns WHERE table_name = 'goose_orders' AND column_name = 'region'")" \
	"'us'::textnot \${REPLACED}" 'goose: variables are put in where it says so, and only there'
layout flyway flyway '1.1 1.2 1.10 1.11 R__all_orders'
is "$(sql "SELECT obj_description('flyway_orders'::regclass)")" shop 'flyway: a placeholder has its value'
layout drizzle drizzle '0000 0001'
layout drizzle-folders drizzle-folders '20260101000000 20260102000000'
layout atlas atlas '20260101000000 20260102000000 20260103000000'
layout plain plain '001 002' --layout plain
layout sqitch sqitch 'orders note@v1.0 note'

for folder in popx pair goose sqitch; do
	exits 0 "$folder: all the way down" env GOOSE_FIXTURE_REGION=us "$pgstride_binary" down --dir "$fixtures/$folder" --component $folder --yes --steps 9
	is "$(applied "$folder")" '' "$folder: nothing of it is left in the history"
done
exits 0 'dbmate: all the way down' in_folder dbmate down --layout dbmate --yes --steps 9
exits 0 'flyway: its undo script is the way back' in_folder flyway down --yes 1.10
exits 0 'drizzle: a file .down.sql is the way back' in_folder drizzle down --yes --steps 2
exits 0 'drizzle folders: down.sql is the way back' in_folder drizzle-folders down --yes --steps 2
sql 'DROP VIEW flyway_all; DROP TABLE flyway_orders; DROP TYPE flyway_state; DROP FUNCTION flyway_twice; DROP TABLE atlas_orders, plain_orders'
is "$(snapshot_schema)" "$before" 'after all the ways down nothing is left in the schema'

# --- transactions are the runner's ------------------------------------------------------

new_database transactions
mkdir "$tmp/tx"
cat >"$tmp/tx/1_two.up.sql" <<'SQL'
CREATE TABLE a (n int);
CREATE TABLE b (n int);
INSERT INTO a VALUES (1);
SQL
cat >"$tmp/tx/2_fails.up.sql" <<'SQL'
ALTER TABLE a ADD COLUMN m int;
ALTER TABLE b ADD COLUMN m int;
ALTER TABLE a ADD CHECK (n > 5);
SQL
exits 1 'a file that fails in its last statement' pgstride up --dir "$tmp/tx"
is "$(sql "SELECT count(*) FROM information_schema.columns WHERE column_name = 'm'")" 0 'is rolled back whole, over two tables'
cat >"$tmp/tx/2_fails.up.sql" <<'SQL'
ALTER TABLE a ADD COLUMN m int;
CREATE INDEX CONCURRENTLY a_n ON a (n);
ALTER TABLE a ADD CHECK (n > 5);
SQL
exits 1 'one with a statement that refuses a transaction' pgstride up --dir "$tmp/tx"
is "$(sql "SELECT count(*) FROM information_schema.columns WHERE column_name = 'm'")" 1 'keeps what was done before it'
exits 0 'it is not dirty, only unfinished' pgstride status --dir "$tmp/tx"
unlike "$out" DIRTY 'and status does not call it so'
sed -i 's/n > 5/n > 0/' "$tmp/tx/2_fails.up.sql"
exits 0 'and goes on at the statement that failed' pgstride up --dir "$tmp/tx"

# --- rewriting is offered ---------------------------------------------------------------

echo 'CREATE INDEX b_n ON b (n);' >"$tmp/tx/3_index.up.sql"
exits 0 'as written' pgstride plan --dir "$tmp/tx"
unlike "$out" CONCURRENTLY 'an index is built as its file says'
like "$out" 'create-index' 'and the plan says what that does'
exits 0 'with --safe=rewrite' pgstride plan --dir "$tmp/tx" --safe=rewrite
like "$out" CONCURRENTLY 'it is built concurrently'

# --- what is refused --------------------------------------------------------------------

exits 4 'a folder of two runners' pgstride status --dir "$fixtures/mixed"
like "$err" '001_items.sql is a file of' 'names the file that does not belong'
mkdir "$tmp/unknown" "$tmp/go" "$tmp/programs"
touch "$tmp/unknown/readme.sql" "$tmp/unknown/notes.sql"
exits 4 'a folder of nobody' pgstride status --dir "$tmp/unknown"
like "$err" 'notes.sql' 'lists its files'
cp "$fixtures"/goose/*.sql "$tmp/go"
touch "$tmp/go/00005_seed.go" "$tmp/go/00005_seed_test.go"
exits 0 'a program among the migrations' pgstride status --dir "$tmp/go" --component go
like "$out" '00005_seed.go' 'is listed'
exits 4 'and refused' pgstride up --dir "$tmp/go" --component go
like "$err" '00005_seed is a program' 'by its name'
is "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'goose_orders'")" 0 'before anything has run'
exits 0 'up to it' pgstride up --dir "$tmp/go" --component go --to 00002
exits 0 'its own runner ran it' pgstride mark 00005 --dir "$tmp/go" --component go --yes
exits 0 'and the rest goes on' pgstride up --dir "$tmp/go" --component go
touch "$tmp/programs/1_a.up.sql" "$tmp/programs/2_b.ts" "$tmp/programs/3_c.py"
exits 4 'programs where a runner has none' pgstride status --dir "$tmp/programs"
like "$err" '2_b.ts is a program' 'are listed'
cp -r "$fixtures/atlas" "$tmp/atlas"
echo '-- changed' >>"$tmp/atlas/20260102000000_index.sql"
exits 4 'a file that atlas.sum does not cover' pgstride status --dir "$tmp/atlas"
like "$err" 'You have a checksum error in your migration directory' 'is told in the known words'
like "$err" '20260102000000_index.sql' 'with the file'
FLYWAY_PLACEHOLDERS_OWNER='' exits 0 'an empty placeholder is a value' pgstride status --dir "$fixtures/flyway"
unset FLYWAY_PLACEHOLDERS_OWNER
exits 4 'a placeholder without a value' pgstride status --dir "$fixtures/flyway"
like "$err" 'No value provided for placeholder: \$\{Owner\}.  Check your configuration!' 'is told in the known words'
exits 2 'a layout that there is not' pgstride status --layout geese
like "$err" 'popx' 'the ones there are are named'

# --- what psql would take: the rows of a COPY, the guards of pg_dump ---------------------

new_database copies
mkdir "$tmp/copy"
cat >"$tmp/copy/1_dump.up.sql" <<'SQL'
-- PostgreSQL database dump
\restrict hR7guard

SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.a (n int, t text);
CREATE TABLE public.b (n int GENERATED ALWAYS AS IDENTITY, t text);
COPY public.a (n, t) FROM stdin;
1	it's "odd"; $$ -- no comment
2	\N
3	a\tb \\.
\.

COPY public.b (n, t) FROM
  STDIN WITH (FORMAT csv); -- behind it
7,"x;y"
\.
INSERT INTO public.a VALUES (4, 'FROM stdin;');
COPY public.a FROM stdin;
\.

\unrestrict hR7guard
SQL
echo 'CREATE TABLE c AS SELECT * FROM a;' >"$tmp/copy/2_c.up.sql"
exits 0 'a dump with its data' pgstride up --dir "$tmp/copy"
is "$(sql 'SELECT * FROM a ORDER BY n')$(sql 'SELECT * FROM b')" "1|it's \"odd\"; \$\$ -- no comment
2|
3|a	b \\.
4|FROM stdin;7|x;y" 'every row is there as psql would have read it'
is "$(sql 'SELECT count(*) FROM c')" 4 'and the next file finds its tables without a schema'
cat >"$tmp/copy/3_fails.up.sql" <<'SQL'
COPY a FROM stdin;
10	ten
eleven	11
\.
SQL
exits 1 'a row that is wrong' pgstride up --dir "$tmp/copy"
like "$err" 'copy/3_fails.up.sql:1' 'is told with the file and line of its COPY'
like "$err" 'COPY a, line 2, column n: "eleven"' 'and its own line among the rows'
is "$(sql 'SELECT count(*) FROM a WHERE n = 10')" 0 'and nothing of it is there'
cat >"$tmp/copy/3_fails.up.sql" <<'SQL'
COPY a FROM stdin;
10	ten
\.
CREATE INDEX CONCURRENTLY a_n ON a (n);
ALTER TABLE a ADD CHECK (n > 5);
SQL
exits 1 'a file that stops behind its data' pgstride up --dir "$tmp/copy"
sed -i 's/n > 5/n > 0/' "$tmp/copy/3_fails.up.sql"
exits 0 'goes on behind it' pgstride up --dir "$tmp/copy"
is "$(sql 'SELECT count(*) FROM a WHERE n = 10')" 1 'and copies nothing twice'
printf 'COPY a FROM stdin;\n20\ttwenty\n\\.\nCREATE INDEX CONCURRENTLY a_t ON a (t);\nSELECT 1 / 0;\n' >"$tmp/copy/4_changed.up.sql"
exits 1 'another that stops' pgstride up --dir "$tmp/copy"
sed -i 's/twenty/20/' "$tmp/copy/4_changed.up.sql"
exits 3 'rows that were changed since are another text' pgstride up --dir "$tmp/copy"
rm "$tmp/copy/4_changed.up.sql"
exits 0 'set right' pgstride force 3 --dir "$tmp/copy" --yes
{
	echo 'COPY a FROM stdin;'
	seq -f '%.0f	a line that is long enough to fill what the socket takes at once, several times over' 100 60000
	printf '\\.\n'
} >"$tmp/copy/4_many.up.sql"
exits 0 'more than the socket takes at once' pgstride up --dir "$tmp/copy"
is "$(sql 'SELECT count(*) FROM a WHERE n >= 100')" 59901 'arrives whole'
printf 'COPY a FROM stdin;\n1\n' >"$tmp/copy/5_open.up.sql"
exits 2 'rows without an end' pgstride validate --dir "$tmp/copy"
like "$err" '5_open.up.sql:[12]: ' 'are refused with their line'
printf '\\connect other\nSELECT 1;\n' >"$tmp/copy/5_open.up.sql"
exits 2 'a command of psql' pgstride validate --dir "$tmp/copy"
like "$err" '5_open.up.sql:1: ' 'is refused with its line'

# --- files that a runner passes over ----------------------------------------------------

new_database passed_over
# passed_over WHAT NOTE FOLDER [OPTION...]: each command says it, once, and goes on.
passed_over() {
	local what=$1 note=$2 verb
	shift 2
	for verb in status plan up; do
		exits 0 "$what: $verb" pgstride $verb --component "${1##*/}" --dir "$@"
		is "$(grep -c 'not run: a migration of' <<<"$err")" 1 "$what: $verb says it once"
		like "$err" "· $note\$" "$what: $verb names what is not run"
	done
	exits 0 "$what: -q" pgstride up -q --component "${1##*/}" --dir "$@"
	unlike "$err" 'not run: a' "$what: is quiet"
	exits 0 "$what: validate" env -u PGSTRIDE_DATABASE -u PGHOST -u PGDATABASE "$pgstride_binary" validate --dir "$@"
	like "$err" "^note: $note\$" "$what: validate says it, too"
	exits 0 "$what: validate, for programs" env -u PGSTRIDE_DATABASE -u PGHOST -u PGDATABASE "$pgstride_binary" validate --format json --dir "$@"
	like "$(jq -r '.result.notes | length, .[]' <<<"$out" | tr '\n' ' ')" "^1 $note \$" "$what: has it in its notes"
}
mkdir -p "$tmp/passed-flyway/sub"
for name in V1__a V2_b v3__c sub/V4_d seed beforeMigrate; do
	echo 'SELECT 1;' >"$tmp/passed-flyway/$name.sql"
done
passed_over flyway 'V2_b.sql, sub/V4_d.sql, v3__c.sql are not run: a migration of Flyway is called V1__name.sql, .*' "$tmp/passed-flyway"
exits 0 'flyway: a callback' pgstride status --component passed-flyway --dir "$tmp/passed-flyway"
like "$err" 'warning: .*/beforeMigrate.sql is a callback of Flyway: it is not run here' 'is told by status as well'
exits 0 'flyway: a callback, for programs' env -u PGSTRIDE_DATABASE -u PGHOST -u PGDATABASE "$pgstride_binary" validate --format json --dir "$tmp/passed-flyway"
like "$(jq -r '.result.warnings | length, .[]' <<<"$out" | tr '\n' ' ')" '^1 .*/beforeMigrate.sql is a callback of Flyway' 'is among the warnings'
cp -r "$fixtures/drizzle" "$tmp/passed-drizzle"
echo 'SELECT 1;' | tee "$tmp"/passed-drizzle/{7,8,9_x,9_y,9_z}.sql >/dev/null
passed_over drizzle '7.sql, 8.sql, 9_x.sql and 2 more are not run: a migration of drizzle stands in meta/_journal.json' "$tmp/passed-drizzle"
mkdir "$tmp/passed-pair"
echo 'SELECT 1;' | tee "$tmp"/passed-pair/{1_a.up,2-b.up,3_c,seed}.sql >/dev/null
passed_over pair '2-b.up.sql, 3_c.sql are not run: a migration of golang-migrate is called VERSION_name.up.sql or .down.sql' "$tmp/passed-pair" --layout pair
cp -r "$fixtures/sqitch" "$tmp/passed-sqitch"
echo 'SELECT 1;' >"$tmp/passed-sqitch/deploy/late.sql"
passed_over sqitch 'deploy/late.sql is not run: a migration of sqitch stands in sqitch.plan' "$tmp/passed-sqitch"

# --- several folders --------------------------------------------------------------------

new_database several
mkdir -p "$tmp/popx/later" "$tmp/networkx"
popx_file() {
	echo "$3" >"$1/$2.postgres.up.sql"
	touch "$1/$2.postgres.down.sql"
}
popx_file "$tmp/popx" 20150100000001000000_networks 'CREATE TABLE networks (of_kratos int);'
popx_file "$tmp/popx/later" 20150100000003000000_last 'CREATE TABLE last (n int);'
popx_file "$tmp/networkx" 20150100000001000000_networks 'CREATE TABLE networks (of_networkx int);'
popx_file "$tmp/networkx" 20150100000002000000_nids 'CREATE TABLE nids (n int);'
exits 0 'popx: several folders' pgstride up --dir "$tmp/popx,$tmp/networkx"
is "$(sql 'SELECT string_agg(version, $$ $$ ORDER BY version) FROM pgstride.migrations')" \
	'20150100000001000000 20150100000002000000 20150100000003000000' 'popx: are one, subfolders too'
is "$(sql "SELECT attname FROM pg_attribute WHERE attrelid = 'networks'::regclass AND attnum = 1")" of_kratos 'popx: the earlier hides the later'
exits 0 'popx: nothing is pending' pgstride status --dir "$tmp/popx,$tmp/networkx" --exit-code

# --- a large folder ---------------------------------------------------------------------

new_database large
mkdir "$tmp/large"
for n in {1..1000}; do
	echo "CREATE TABLE t$n (n int); -- a comment; with a semicolon" >"$tmp/large/${n}_t.up.sql"
done
exits 0 'a thousand files' pgstride up --dir "$tmp/large" -q
is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+\$'")" 1000 'are all applied'
is "$(sql 'SELECT string_agg(version, $$ $$ ORDER BY applied_order) FROM (SELECT * FROM pgstride.migrations ORDER BY applied_order LIMIT 11) AS m')" \
	'1 2 3 4 5 6 7 8 9 10 11' 'as numbers are ordered'

finish
