#!/bin/bash
# once: no PostgreSQL is met
# foreign_told.sh: what other runners are told of their histories is so for us, in
# SQLite's files and on MySQL: where to begin, and what the table is called.
. "$(dirname "$0")/../lib.sh"
start_mysql
. "$root/tests/engines.sh"

# --- where to begin ---------------------------------------------------------------------

mkdir "$tmp/again"
echo 'CREATE TABLE t (n int);' >"$tmp/again/V1__t.sql"
echo 'CREATE TABLE u (n int); CREATE TABLE w (n int);' >"$tmp/again/V2__u.sql"
# In a schema that was in use before it.
flyway_rows() { rows "SELECT installed_rank, version, description, type, script, success FROM flyway_schema_history ORDER BY 1"; }
flyway_begins() {
	what="$engine, flyway"
	fresh in_use
	ask 'CREATE TABLE t (n int)'
	exits 4 "$what: a schema that is in use" pgstride up --dir "$tmp/again"
	like "$err" 'Found non-empty schema\(s\) ".*" but no schema history table' "$what: is refused in the known words"
	exits 4 "$what: whatever was tried before" pgstride up --dir "$tmp/again"
	unlike "$(tables)" flyway "$what: and gets no history"
	exits 0 "$what: plan, with baselineOnMigrate" env FLYWAY_BASELINE_ON_MIGRATE=true "$pgstride_binary" plan --dir "$tmp/again"
	like "$err" 'is in use: its history would begin with a baseline at version 1, as baselineOnMigrate has it' "$what: says what it would write"
	unlike "$(tables)" flyway "$what: and writes nothing"
	exits 0 "$what: with baselineOnMigrate" env FLYWAY_BASELINE_ON_MIGRATE=true "$pgstride_binary" up --dir "$tmp/again"
	is "$(grep -c 'is in use: its history begins with' <<<"$err")" 1 "$what: says so once"
	is "$(flyway_rows)" '1|1|<< Flyway Baseline >>|BASELINE|<< Flyway Baseline >>|1 2|2|u|SQL|V2__u.sql|1' "$what: it begins behind what is there"
	if [ "$engine" = mysql ]; then
		exits 4 "$what: the schema of another database" env FLYWAY_DEFAULT_SCHEMA=other "$pgstride_binary" status --dir "$tmp/again"
		like "$err" 'Name it in the address, as its database: /other' "$what: is refused with the cure"
	fi
	exits 0 "$what: its own schema" env FLYWAY_SCHEMAS="$database,other" "$pgstride_binary" status --dir "$tmp/again"
	fresh in_use_otherwise
	ask 'CREATE TABLE t (n int)'
	exits 0 "$what: who says what is there" pgstride baseline 1 --dir "$tmp/again" --yes
	exits 0 "$what: goes on behind it" pgstride up --dir "$tmp/again"
	is "$(rows 'SELECT version FROM flyway_schema_history ORDER BY installed_rank')" '1 2' "$what: row by row"
}

# --- under another name ------------------------------------------------------------------

# told_so RUNNER USUAL PGSTRIDE...: its table is called app_history, and no other is made.
told_so() {
	local runner=$1 usual=$2
	shift 2
	exits 0 "$what: $runner, ${*: -2}" "$@" up
	like " $(tables) " ' app_history ' "$what: is its table"
	unlike " $(tables) " " $usual " "$what: and no other"
	without_ours
	exits 0 "$what: nothing is pending" "$@" status --exit-code
}
flagged() {
	local runner=$1
	shift
	in_folder "$runner" "$@" --history-table app_history
}
called_otherwise() {
	local runner usual
	what="$engine, called otherwise"
	while read -r runner usual; do
		fresh called_otherwise
		told_so "$runner" "$usual" flagged "$runner"
	done <<-'RUNNERS'
		pair schema_migrations
		goose goose_db_version
		dbmate schema_migrations
		drizzle __drizzle_migrations
		atlas atlas_schema_revisions
	RUNNERS
	fresh called_otherwise
	GOOSE_TABLE=app_history told_so goose goose_db_version in_folder goose
	fresh called_otherwise
	DBMATE_MIGRATIONS_TABLE=app_history told_so dbmate schema_migrations in_folder dbmate
	fresh called_otherwise
	local address=$PGSTRIDE_DATABASE joint='?'
	[[ $address != *\?* ]] || joint='&'
	export PGSTRIDE_DATABASE="$address${joint}x-migrations-table=app_history&x-multi-statement=true"
	told_so pair schema_migrations in_folder pair
	export PGSTRIDE_DATABASE="$address${joint}x-migrations-table=%22a%22.%22b%22&x-migrations-table-quoted=true"
	exits 4 "$what: with quotes" in_folder pair status
	like "$err" '"x-migrations-table-quoted" of the address is not known here' "$what: which golang-migrate does not take off"
	like "$err" 'the history of golang-migrate is called ""a"."b"": only a name' "$what: is refused"
	export PGSTRIDE_DATABASE=$address
	exits 4 "$what: with a schema" in_folder goose status --history-table other.history
	like "$err" 'the history of goose is called "other.history": only a name' "$what: is refused, too"
}

# --- one transaction, or none ------------------------------------------------------------

mkdir "$tmp/half"
echo 'CREATE TABLE first (n int); INSERT INTO given SELECT n FROM given;' >"$tmp/half/1_half.up.sql"
unwrapped() {
	fresh unwrapped
	ask 'CREATE TABLE given (n int PRIMARY KEY); INSERT INTO given VALUES (1)'
	exits 1 "sqlite: a file that fails in its middle" pgstride up --dir "$tmp/half"
	unlike "$(tables)" first "sqlite: leaves nothing"
	exits 1 "sqlite: with x-no-tx-wrap" pgstride up --dir "$tmp/half" --database "$PGSTRIDE_DATABASE?x-no-tx-wrap=true"
	like "$(tables)" first "sqlite: it leaves what it did"
}

for engine in sqlite mysql; do
	flyway_begins
	called_otherwise
done
engine=sqlite
unwrapped
finish
