#!/bin/bash
# foreign_writes.sh: what stands in the table of a folder's own runner while one of its
# files runs, where one stops, and behind it: of each runner, on each engine, as that runner
# would have it, so that it could go on at any moment.
# once: what is written there does not hang on our extension
. "$(dirname "$0")/../lib.sh"
start_postgres
. "$root/tests/runners.sh"

# --- the engines -------------------------------------------------------------------------

# begin NAME: an empty database of $engine and an empty $folder; $what says both.
begin() {
	what="$engine, $1" name=${1//[- ]/_} folder=$tmp/$engine.${1//[- ]/_}
	mkdir -p "$folder"
	database_new "$name"
	url=$(url_of "$name")
}
# ask SQL: its rows on one line, fields apart by |; NULL is empty.
ask() {
	in_database "$name" "$1" | sed 's/\tNULL/\t/g; s/\t/|/g' | tr '\n' ' ' | sed 's/ $//'
}
in_folder() {
	local verb=$1
	shift
	pgstride "$verb" --dir "$folder" -d "$url" "$@"
}
file() { printf -- '%b' "$2" >"$folder/$1"; }
is_there() { ask "SELECT count(*) FROM $1" 2>/dev/null | grep -q .; }
# whole: on PostgreSQL and SQLite a file that fails leaves nothing.
whole() { [ "$engine" != mysql ]; }
leaves_nothing() { if whole; then ! is_there a; else is_there a; fi; }
# What fails for the sake of a row no trial on a copy of the schema can see; it is mended
# by taking that row away.
fails='INSERT INTO taken VALUES (1);\n'
mended() { ask 'DELETE FROM taken'; }
broken() { ask 'INSERT INTO taken VALUES (1)'; }

# --- those that know versions: a row and its file are one --------------------------------

# versions TABLE COLUMN FILE HEAD TAIL [OPTION...]: the second statement of two fails.
versions() {
	local table=$1 column=$2 file=$3 head=$4 tail=$5
	shift 5
	ask 'CREATE TABLE taken (n int PRIMARY KEY); INSERT INTO taken VALUES (1)'
	file "$file" "${head}CREATE TABLE a (n int);\n$fails$tail"
	exits 1 "$what: a file fails" in_folder up "$@"
	is "$(ask "SELECT $column FROM $table WHERE $column > '0'")" '' "$what: it has no row"
	holds "$what: what the engine takes back is gone" leaves_nothing
	mended
	exits 0 "$what: mended" in_folder up "$@"
	is "$(ask "SELECT count(*) FROM $table WHERE $column > '0'") $(ask 'SELECT count(*) FROM taken')" '1 1' "$what: it has one, and ran"
}
# alone TABLE COLUMN FILE HEAD TAIL [OPTION...]: the same without a transaction.
alone() {
	local table=$1 column=$2 file=$3 head=$4 tail=$5
	shift 5
	file "$file" "${head}CREATE TABLE b (n int);\n$fails$tail"
	exits 1 "$what: without a transaction one fails" in_folder up "$@"
	holds "$what: what it did stays" is_there b
	is "$(ask "SELECT count(*) FROM $table WHERE $column > '0'")" 1 "$what: and it has no row"
	mended
	exits 0 "$what: it goes on" in_folder up "$@"
	is "$(ask "SELECT count(*) FROM $table WHERE $column > '0'")" 2 "$what: and has one"
}
# stays TABLE COLUMN [OPTION...]: a way back that fails takes no row with it.
stays() {
	local table=$1 column=$2
	shift 2
	exits 1 "$what: the way back fails" in_folder down --yes "$@"
	is "$(ask "SELECT count(*) FROM $table WHERE $column > '0'")" 2 "$what: its row stays"
}

version_runners() {
	begin popx
	: >"$folder/20240101000000000001_a.$engine.down.sql"
	versions schema_migration version "20240101000000000001_a.$engine.up.sql" '' ''
	file "20240101000000000002_b.$engine.autocommit.down.sql" "$fails"
	alone schema_migration version "20240101000000000002_b.$engine.autocommit.up.sql" '' ''
	stays schema_migration version
	begin dbmate
	versions schema_migrations version 20240101_a.sql '-- migrate:up\n' '-- migrate:down\n' --layout dbmate
	alone schema_migrations version 20240102_b.sql '-- migrate:up transaction:false\n' "-- migrate:down\n$fails" --layout dbmate
	stays schema_migrations version --layout dbmate
	begin goose
	versions goose_db_version version_id 00001_a.sql '-- +goose Up\n' ''
	is "$(ask 'SELECT version_id FROM goose_db_version ORDER BY id')" '0 1' "$what: behind the row of version 0"
	alone goose_db_version version_id 00002_b.sql '-- +goose NO TRANSACTION\n-- +goose Up\n' "-- +goose Down\n$fails"
	stays goose_db_version version_id
	# Its older releases wrote a row for each time, and none was ever deleted.
	ask 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, false), (2, true)'
	mended
	exits 0 "$what: down" in_folder down --yes
	is "$(ask 'SELECT count(*) FROM goose_db_version WHERE version_id = 2')" 0 "$what: takes all rows of the version away"
	# The newest row of a version counts, on whichever side it is.
	ask 'DELETE FROM goose_db_version WHERE version_id > 0; INSERT INTO goose_db_version (version_id, is_applied) VALUES (1, true), (1, false), (2, false), (2, true)'
	exits 0 "$what: who was there before us" in_folder status --history-table goose_db_version --component another --format json
	is "$(jq -c '[.result.migrations[] | .state]' <<<"$out")" '["pending","contracted"]' "$what: the newest row of a version counts"
}

# --- drizzle -------------------------------------------------------------------------------

drizzle_runs() {
	local table=__drizzle_migrations
	[ "$engine" != postgres ] || table=drizzle.$table
	begin drizzle
	mkdir -p "$folder/meta"
	local dialect=${engine/postgres/postgresql}
	dialect=${dialect%3}
	file meta/_journal.json "{\"version\":\"7\",\"dialect\":\"$dialect\",\"entries\":[{\"idx\":0,\"version\":\"7\",\"when\":1767225600000,\"tag\":\"0000_a\",\"breakpoints\":true},{\"idx\":1,\"version\":\"7\",\"when\":1767312000000,\"tag\":\"0001_b\",\"breakpoints\":true}]}"
	file 0000_a.sql 'CREATE TABLE a (n int);\n'
	file 0001_b.sql "CREATE TABLE b (n int);\n--> statement-breakpoint\n$fails"
	ask 'CREATE TABLE taken (n int PRIMARY KEY); INSERT INTO taken VALUES (1)'
	exits 1 "$what: the second of two fails" in_folder up
	is "$(ask "SELECT created_at FROM $table")" 1767225600000 "$what: the first stays, with its row"
	mended
	exits 0 "$what: mended" in_folder up
	is "$(ask "SELECT created_at, hash FROM $table ORDER BY created_at")" \
		"1767225600000|$(sha256sum <"$folder/0000_a.sql" | cut -d' ' -f1) 1767312000000|$(sha256sum <"$folder/0001_b.sql" | cut -d' ' -f1)" "$what: both have theirs"
	# It knows a file by the time that its journal says, whatever is in it.
	forget "$name"
	ask "UPDATE $table SET hash = 'another'"
	exits 0 "$what: a text that has changed since drizzle ran it" in_folder status --exit-code
	forget "$name"
	exits 0 "$what: is not run again" in_folder up
	like "$out" 'already up to date' "$what: as drizzle does not"
}

# --- golang-migrate: dirty while a file runs that can stop midway --------------------------

pair_row() { ask 'SELECT version, CASE WHEN dirty THEN 1 ELSE 0 END FROM schema_migrations'; }
pair_runs() {
	local seen='INSERT INTO seen SELECT version, CASE WHEN dirty THEN 1 ELSE 0 END FROM schema_migrations;\n'
	begin pair
	ask 'CREATE TABLE seen (version int, dirty int)'
	file 1_begins.up.sql 'CREATE TABLE begins (n int);\n'
	file 1_begins.down.sql "DROP TABLE begins;\n$seen"
	exits 0 "$what: begins" in_folder up
	[ "$engine" != sqlite3 ] || url+='?x-no-tx-wrap=true'
	file 7_a.up.sql "${seen}CREATE TABLE of7 (n int);\n"
	file 7_a.down.sql "DROP TABLE of7;\n$seen"
	file 9_b.up.sql "${seen}CREATE TABLE of9 (n int);\n"
	file 9_b.down.sql "DROP TABLE of9;\n$seen"
	exits 0 "$what: up" in_folder up
	is "$(ask 'SELECT version, dirty FROM seen ORDER BY version')" "$([ "$engine" = postgres ] && echo '1|0 7|0' || echo '7|1 9|1')" "$what: its row is dirty before the first statement of what no transaction takes back"
	is "$(pair_row)" '9|0' "$what: and is clean behind the last"
	ask 'DELETE FROM seen'
	exits 0 "$what: down" in_folder down --yes --steps 3
	is "$(ask 'SELECT version, dirty FROM seen ORDER BY version DESC')" "$([ "$engine" = postgres ] && echo '9|0 7|0 1|0' || echo '7|1 1|1 -1|1')" "$what: on the way back it is at the version before, or at none"
	is "$(pair_row)" '' "$what: and gone behind it"
}
# held_up FILE: its first statement is one that no transaction can hold, and waits.
held_up() {
	begin "$1"
	sql 'CREATE TABLE held (n int)'
	psql_session holder
	say holder 'BEGIN; LOCK held IN ROW EXCLUSIVE MODE;'
	wait_until session_is holder 'idle in transaction'
	file "$2" "$3CREATE INDEX CONCURRENTLY held_n ON held (n);\nSELECT 1;\n"
	[ "$1" != 'atlas held up' ] || sealed "$folder"
	"$pgstride_binary" up --dir "$folder" -d "$url" >"$tmp/held.log" 2>&1 &
	local up=$!
	wait_until sql "SELECT 1 / count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' AND datname = current_database()"
	is "$(sql "$4")" "$5" "$what: its row says so while the first statement runs"
	say holder 'COMMIT;'
	hang_up holder
	ends $up "$what" "$tmp/held.log"
	wait $up
	is $? 0 "$what: and it ends well"
	is "$(sql "$4")" "$6" "$what: as its row then says"
}

# --- Flyway ----------------------------------------------------------------------------------

flyway_rows() { ask "SELECT installed_rank, version, description, type, script, checksum, CASE WHEN success THEN 1 ELSE 0 END FROM flyway_schema_history${1:-} ORDER BY 1"; }
flyway_runs() {
	local wait='SELECT 1' sum
	case $engine in postgres) wait='SELECT pg_sleep(0.3)' ;; mysql) wait='DO SLEEP(0.3)' ;; esac
	begin flyway
	file V1__a.sql "CREATE TABLE taken (n int PRIMARY KEY);\n$fails"
	file V2__b.sql "$wait;\nCREATE TABLE b (n int);\n"
	exits 0 "$what: up" in_folder up
	[ "$engine" = sqlite3 ] ||
		is "$(ask "SELECT count(*) FROM flyway_schema_history WHERE version = '2' AND execution_time BETWEEN 300 AND 60000")" 1 "$what: its time is in milliseconds"
	ask 'UPDATE flyway_schema_history SET installed_rank = 40 WHERE installed_rank = 2'
	file V3__c.sql "CREATE TABLE c (n int);\n$fails"
	sum=$(python3 -c 'import zlib, sys; s = zlib.crc32(sys.stdin.buffer.read().replace(b"\n", b"")); print(s - 2**32 if s >= 2**31 else s)' <"$folder/V3__c.sql")
	exits 1 "$what: one fails" in_folder up
	is "$(flyway_rows " WHERE version = '3'")" "$(whole || echo "41|3|c|SQL|V3__c.sql|$sum|0")" "$what: a whole row says so where something may be left, behind the highest"
	echo executeInTransaction=false >"$folder/V3__c.sql.conf"
	keep in_folder up
	is "$(flyway_rows " WHERE version = '3'")" "41|3|c|SQL|V3__c.sql|$sum|0" "$what: and so it does where there is no transaction"
	exits 3 "$what: whom it stops" in_folder up --component another
	exits 3 "$what: nor is it adopted" in_folder adopt --yes --component another
	like "$err" 'dirty state at version 3$' "$what: as is said"
	mended
	exits 0 "$what: mended" in_folder up
	is "$(ask "SELECT version, installed_rank, CASE WHEN success THEN 1 ELSE 0 END FROM flyway_schema_history WHERE version = '3'")" '3|41|1' "$what: its row is good"
	half_undone
}
# What its undo did not take back whole nobody goes on over.
half_undone() {
	forget "$name"
	ask "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) VALUES (42, '3', 'c', 'UNDO_SQL', 'U3__c.sql', 1, 'x', 1, false)"
	exits 3 "$what: an undo that failed" in_folder up
	like "$err" 'dirty state at version 3$' "$what: is not passed over"
}

# --- Atlas -------------------------------------------------------------------------------------

atlas_runs() {
	local table=atlas_schema_revisions wait='SELECT 1'
	case $engine in
	postgres) table=$table.$table wait='SELECT pg_sleep(2.3)' ;;
	mysql) wait='DO SLEEP(2.3)' ;;
	esac
	local seen="INSERT INTO seen SELECT applied, total, CASE WHEN partial_hashes IS NULL THEN 0 ELSE 1 END FROM $table WHERE version = '1';\n"
	begin atlas
	ask 'CREATE TABLE seen (applied int, total int, hashes int)'
	file 0_begins.sql 'CREATE TABLE begins (n int);\n'
	sealed "$folder"
	exits 0 "$what: begins" in_folder up
	# In nanoseconds that is more than four bytes hold.
	file 1_a.sql "-- atlas:txmode none\n\n$seen$seen$seen$wait;\n"
	sealed "$folder"
	exits 0 "$what: up" in_folder up
	is "$(ask 'SELECT * FROM seen ORDER BY applied')" "$([ "$engine" = postgres ] || echo '0|4|1 ')1|4|1 2|4|1" "$what: its row says how far each statement comes"
	is "$(ask "SELECT applied, total, partial_hashes, type FROM $table WHERE version = '1'")" '4|4||2' "$what: and that all is done"
	[ "$engine" = sqlite3 ] ||
		is "$(ask "SELECT count(*) FROM $table WHERE execution_time BETWEEN 2300000000 AND 60000000000")" 1 "$what: its time is in nanoseconds"
}

# What it failed at stands in its row until a statement succeeds, and is told by whoever
# looks; where our own history is not there, too.
atlas_fails() {
	local table=atlas_schema_revisions said
	[ "$engine" != postgres ] || table=$table.$table
	begin 'atlas fails'
	ask 'CREATE TABLE taken (n int PRIMARY KEY); INSERT INTO taken VALUES (1)'
	file 1_a.sql "-- atlas:txmode none\n\nCREATE TABLE a (n int);\n${fails}CREATE TABLE b (n int);\n"
	sealed "$folder"
	exits 1 "$what: up" in_folder up
	is "$(ask "SELECT applied, total, error_stmt FROM $table")" '1|3|INSERT INTO taken VALUES (1);' "$what: its row says at which statement"
	said=$(ask "SELECT error FROM $table")
	like "$said" '^(duplicate key|UNIQUE constraint|Duplicate entry)' "$what: and what was said"
	forget "$name"
	exits 0 "$what: plan" in_folder plan
	like "$(tr -s ' \n' ' ' <<<"$out")" 'Atlas stopped behind 1 of 3 statements: .*; pgstride up goes on behind it' "$what: plan tells of it"
	exits 0 "$what: status" in_folder status
	like "$out" 'Atlas stopped behind 1 of 3 statements: .*; pgstride up goes on behind it$' "$what: status, too"
	exits 8 "$what: doctor" in_folder doctor
	like "$out" '! failed migration  1$' "$what: doctor counts it"
	like "$out" 'Atlas stopped behind 1 of 3 statements' "$what: says what it is"
	like "$out" '> pgstride up 1$' "$what: and what goes on"
	exits 8 "$what: repair, which does not" in_folder repair --yes
	mended
	exits 0 "$what: up, as it is told" in_folder up 1
	is "$(ask "SELECT applied, total, error, error_stmt FROM $table")" '3|3||' "$what: and nothing of it is left"
	exits 0 "$what: doctor agrees" in_folder doctor
}

for engine in postgres sqlite3 mysql; do
	version_runners
	atlas_fails
	drizzle_runs
	pair_runs
	flyway_runs
	atlas_runs
done
engine=postgres
held_up 'pair held up' 3_a.up.sql '' 'SELECT version, dirty FROM schema_migrations' '3|t' '3|f'
held_up 'atlas held up' 3_a.sql '' 'SELECT applied, total FROM atlas_schema_revisions.atlas_schema_revisions' '0|2' '2|2'
finish
