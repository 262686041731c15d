# runners.sh: a folder of each runner, and a database of it on $engine: postgres, mysql or
# sqlite3; behind lib.sh and start_postgres.
# shellcheck shell=bash disable=SC2154
start_maria

# --- the engines -------------------------------------------------------------------------

# database_new DATABASE: made anew. in_database DATABASE SQL
database_new() {
	case $engine in
	postgres) new_database "$1" ;;
	mysql) maria_say "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1" ;;
	sqlite3) : >"$tmp/$1.db" ;;
	esac
}
in_database() {
	case $engine in
	postgres) PGDATABASE=$1 sql "$2" ;;
	mysql) maria_say "$2" "$1" ;;
	sqlite3) sqlite3 -batch "$tmp/$1.db" "$2" ;;
	esac
}
# forget DATABASE: as if pgstride had never been there.
forget() {
	local table said="SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'pgstride\_%' ESCAPE '\\'"
	case $engine in
	postgres) in_database "$1" 'DROP SCHEMA IF EXISTS pgstride CASCADE' && return ;;
	mysql) said="SHOW TABLES LIKE 'pgstride\_%'" ;;
	esac
	for table in $(in_database "$1" "$said"); do in_database "$1" "DROP TABLE $table"; done
}
# url_of DATABASE [USER]
url_of() {
	case $engine in
	postgres) echo "host=$PGHOST port=$PGPORT user=${2:-$PGUSER} dbname=$1" ;;
	mysql) echo "mysql://${2:-root}@localhost/$1?socket=$maria/s" ;;
	sqlite3) echo "sqlite:$tmp/$1.db" ;;
	esac
}

# --- a folder of each ---------------------------------------------------------------------

# journal FOLDER: drizzle's, of the files that are there.
journal() {
	local file entries='' dialect=${engine/postgres/postgresql}
	for file in "$1"/*.sql; do
		file=${file##*/}
		entries+="${entries:+,}{\"idx\":${file:3:1},\"version\":\"7\",\"when\":176722560${file:3:1}000,\"tag\":\"${file%.sql}\",\"breakpoints\":true}"
	done
	echo "{\"version\":\"7\",\"dialect\":\"${dialect%3}\",\"entries\":[$entries]}" >"$1/meta/_journal.json"
}
# write LAYOUT NUMBER TYPE: the migration of that number in $tmp/LAYOUT.
write() {
	local text="CREATE TABLE t$2 (id $3);" of=$tmp/$1
	mkdir -p "$of/meta"
	case $1 in
	popx) echo "$text" >"$of/2024010100000000000$2_t.$engine.up.sql" && : >"$of/2024010100000000000$2_t.$engine.down.sql" ;;
	pair) echo "$text" >"$of/$2_t.up.sql" && echo "DROP TABLE t$2;" >"$of/$2_t.down.sql" ;;
	dbmate) printf -- '-- migrate:up\n%s\n-- migrate:down\n' "$text" >"$of/2024010$2_t.sql" ;;
	goose) printf -- '-- +goose Up\n%s\n' "$text" >"$of/0000$2_t.sql" ;;
	flyway) echo "$text" >"$of/V$2__t.sql" ;;
	drizzle)
		echo "$text" >"$of/000$2_t.sql"
		journal "$of"
		;;
	atlas) echo "$text" >"$of/2024010$2_t.sql" ;;
	esac
	rmdir "$of/meta" 2>/dev/null
	[ "$1" != atlas ] || sealed "$of"
}
# without LAYOUT NUMBER: that migration is gone again.
without() {
	rm -f "$tmp/$1"/*"$2_t"* "$tmp/$1/V$2"*
	case $1 in
	drizzle) journal "$tmp/$1" ;;
	atlas) sealed "$tmp/$1" ;;
	esac
}
# at LAYOUT VERB [OPTION...]: in its folder and database.
at() {
	local layout=$1 verb=$2
	shift 2
	[ "$layout" != dbmate ] || set -- --layout dbmate "$@"
	pgstride "$verb" --dir "$tmp/$layout" -d "${url:-$(url_of "$layout")}" "$@"
}
table_of() {
	case $1 in
	popx) echo public.schema_migration ;;
	pair | dbmate) echo public.schema_migrations ;;
	goose) echo public.goose_db_version ;;
	flyway) echo public.flyway_schema_history ;;
	drizzle) echo drizzle.__drizzle_migrations ;;
	atlas) echo atlas_schema_revisions.atlas_schema_revisions ;;
	esac
}

