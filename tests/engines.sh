# engines.sh: for tests that do the same on SQLite and on MySQL, behind lib.sh and
# start_mysql; $engine is one or the other.
# shellcheck shell=bash disable=SC2154
fixtures=$root/tests/fixtures
export FLYWAY_PLACEHOLDERS_OWNER=shop GOOSE_FIXTURE_REGION=us

# --- one database or the other ---------------------------------------------------------

# In memory where there is room: no test of ours is about a disk.
files=$tmp
[ ! -w /dev/shm ] || files=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$files"; clean_up' EXIT

# fresh NAME: an empty database of $engine, to which PGSTRIDE_DATABASE points.
fresh() {
	database=$1
	case $engine in
	sqlite)
		rm -f "$files/$1.db" && : >"$files/$1.db"
		export PGSTRIDE_DATABASE=sqlite:$files/$1.db
		;;
	mysql)
		mysql_say "DROP DATABASE IF EXISTS $1; CREATE DATABASE $1 CHARACTER SET utf8mb4"
		export PGSTRIDE_DATABASE="mysql://root@localhost/$1?socket=$server/s"
		;;
	esac
}
# ask SQL: rows as text, fields apart by |; NULL is empty, true is 1.
ask() {
	case $engine in
	sqlite) sqlite3 -batch "$files/$database.db" "$1" ;;
	mysql) mariadb --no-defaults -uroot -S "$server/s" -N -B --raw -e "$1" "$database" | sed 's/\tNULL/\t/g; s/\t/|/g' ;;
	esac
}
# rows SQL: on one line.
rows() { ask "$1" | tr '\n' ' ' | sed 's/ $//'; }
# described TABLE: what the database keeps of how it was made, white space aside.
described() {
	case $engine in
	sqlite) ask "SELECT sql FROM sqlite_schema WHERE tbl_name = '$1' AND sql IS NOT NULL ORDER BY rowid" ;;
	mysql) mysql_say "SHOW CREATE TABLE $1" "$database" | cut -f2 | mysql_spelling ;;
	esac | tr -s ' \t\n' ' ' | sed 's/( /(/g; s/ )/)/g; s/ $//'
}
tables() {
	case $engine in
	sqlite) rows "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1" ;;
	mysql) rows 'SHOW TABLES' ;;
	esac
}
# without_ours: as if pgstride had never been here.
without_ours() {
	local table
	for table in $(tables); do
		case $table in pgstride_*) ask "DROP TABLE $table" ;; esac
	done
}
folder_of() { if [ "$1" = popx ]; then echo "$fixtures/popx"; else echo "$fixtures/$engine/$1"; fi; }
# in_folder RUNNER VERB [OPTION...]
in_folder() {
	local runner=$1 verb=$2
	shift 2
	[ "$runner" != dbmate ] || set -- --layout dbmate "$@"
	pgstride "$verb" --dir "$(folder_of "$runner")" "$@"
}
