#!/bin/bash
# folders.sh: folders as large as Kratos' and Hydra's, in their shape and of every kind of
# statement that such folders hold, go up, all the way down, and up again: each time the
# catalog is the one that the server's own client leaves behind with the same files.
# once: what is compared is what files leave behind
. "$(dirname "$0")/../lib.sh"
start_postgres
mysql_dir=$(TMPDIR=/tmp mktemp -d) files=$tmp
export PGSTRIDE_MAX_STALL=30s # nobody else is there, and a machine may be slow
[ ! -w /dev/shm ] || files=$(mktemp -d -p /dev/shm)
trap '"$root/tests/servers/mariadb.sh" stop "$mysql_dir"; rm -rf "$mysql_dir" "$files"; clean_up' EXIT
"$root/tests/servers/mariadb.sh" start "$mysql_dir" >/dev/null || exit 1

# grow NAME TABLES LIFE: a folder of that name.
grow() {
	mkdir "$tmp/$1"
	awk -v dir="$tmp/$1" -v tables="$2" -f "$root/tests/folders/grow.awk" "$root/tests/folders/$3.life"
}

engine=postgres

# --- the three engines -----------------------------------------------------------------

# in_client DATABASE: runs what stands on standard input in it, as the client of $engine does.
in_client() {
	case $engine in
	postgres) PGDATABASE=$1 PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 ;;
	mysql) mariadb --no-defaults --default-character-set=utf8mb4 -uroot -S "$mysql_dir/s" -N -B --raw "$1" ;;
	sqlite3) sqlite3 -bail -batch "$files/$1.db" ;;
	esac
}
make_database() {
	case $engine in
	postgres) PGDATABASE=postgres sql "CREATE DATABASE $1" ;;
	mysql) in_client mysql <<<"CREATE DATABASE $1 CHARACTER SET utf8mb4" ;;
	sqlite3) : >"$files/$1.db" ;;
	esac
}
url_of() {
	case $engine in
	postgres) echo "host=$PGHOST port=$PGPORT user=$PGUSER dbname=$1" ;;
	mysql) echo "mysql://root@localhost/$1?socket=$mysql_dir/s" ;;
	sqlite3) echo "sqlite:$files/$1.db" ;;
	esac
}

# chosen FOLDER DIRECTION: the files that popx takes on $engine, in its order: of each
# version its own before the one of every engine.
chosen() {
	find "$tmp/$1" -name "*.$2.sql" | awk -v engine="$engine" -v dir="$2" '
		{
			name = $0
			sub(/.*\//, "", name)
			words = split(name, word, ".")
			of = word[2] == "sqlite" ? "sqlite3" : word[2]
			rank = words == 3 || (words == 4 && of == "autocommit") ? 1 : of == engine ? 2 : 0
			version = substr(name, 1, index(name, "_") - 1)
			if (rank > best[version]) { best[version] = rank; file[version] = $0 }
		}
		END { for (version in file) print file[version] }' |
		if [ "$2" = up ]; then sort; else sort -r; fi
}

# played FOLDER DIRECTION: one text for the client. Where the server would not know where a
# body ends its client is told; what goes into a transaction does.
played() {
	local file
	chosen "$1" "$2" | while read -r file; do
		case $engine in
		mysql) if grep -q '^BEGIN' "$file"; then printf 'DELIMITER $$\n%s$$\nDELIMITER ;\n' "$(cat "$file")"; else cat "$file"; fi ;;
		*) if [[ $file == *.autocommit.* ]]; then cat "$file"; else echo 'BEGIN;' && cat "$file" && echo 'COMMIT;'; fi ;;
		esac
	done
}

# catalog DATABASE: what is there, ours and the runner's own table aside, and how many rows.
catalog() {
	local name others="NOT LIKE 'pgstride%' AND name NOT LIKE 'schema_migration%'"
	case $engine in
	postgres)
		pg_dump -d "$1" --schema-only --no-owner --exclude-schema=pgstride --exclude-table='schema_migration*' |
			grep -vE '^(--|SET |SELECT pg_catalog|\\(un)?restrict |$)'
		;;
	mysql)
		in_client "$1" <<<"SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '$1' HAVING name $others ORDER BY 1" |
			while read -r name; do
				in_client "$1" <<<"SHOW CREATE TABLE $name"
				[[ $name != *_ids ]] || in_client "$1" <<<"SELECT * FROM $name"
			done | sed "s/utf8mb[34]\t.*//; s/ AUTO_INCREMENT=[0-9]*//"
		in_client "$1" <<<"SELECT trigger_name, action_timing, event_manipulation, action_statement FROM information_schema.triggers WHERE trigger_schema = '$1' ORDER BY 1"
		;;
	sqlite3)
		in_client "$1" <<<"SELECT type, name, sql FROM sqlite_schema WHERE name $others AND tbl_name NOT LIKE 'schema_migration%' AND tbl_name NOT LIKE 'pgstride%' ORDER BY 1, 2"
		;;
	esac
}

# --- up, down, and up again ------------------------------------------------------------

# goes FOLDER: on $engine.
goes() {
	local what="$1 on $engine" theirs=theirs_$1 ours=ours_$1 count
	count=$(chosen "$1" up | wc -l)
	make_database "$theirs"
	make_database "$ours"
	holds "$what: its client runs the $count files" in_client "$theirs" < <(played "$1" up)
	catalog "$theirs" >"$tmp/theirs.up"
	exits 0 "$what: up" pgstride up -q --dir "$tmp/$1" -d "$(url_of "$ours")"
	unlike "$err" warning "$what: without a word of warning"
	catalog "$ours" >"$tmp/ours.up"
	holds "$what: leaves what they leave" diff "$tmp/theirs.up" "$tmp/ours.up"
	is "$(in_client "$ours" <<<'SELECT count(*) FROM schema_migration')" "$count" "$what: each stands in its runner's table"
	holds "$what: their way down" in_client "$theirs" < <(played "$1" down)
	catalog "$theirs" >"$tmp/theirs.down"
	holds "$what: all the way down" pgstride down -q --yes --steps 9999 --dir "$tmp/$1" -d "$(url_of "$ours")"
	catalog "$ours" >"$tmp/ours.down"
	holds "$what: leaves what theirs leaves" diff "$tmp/theirs.down" "$tmp/ours.down"
	holds "$what: up again" pgstride up -q --dir "$tmp/$1" -d "$(url_of "$ours")"
	catalog "$ours" >"$tmp/ours.again"
	holds "$what: to the same catalog" diff "$tmp/ours.up" "$tmp/ours.again"
}

# Its tables have generated columns.
if since 12 'kratos on postgres'; then
	grow kratos 10 kratos
	engine=postgres goes kratos
fi
grow small 2 kratos
engine=sqlite3 goes small
grow smallest 1 kratos
engine=mysql goes smallest
grow hydra 1 hydra
for engine in postgres sqlite3 mysql; do
	[ $engine != postgres ] || since 13 'hydra on postgres: gen_random_uuid()' || continue
	goes hydra
done

# --- what a file sets in its session -----------------------------------------------------

mkdir "$tmp/apart"
cat >"$tmp/apart/20240101000000000000_tables.mysql.up.sql" <<'SQL'
CREATE TABLE apps (id varchar(40) NOT NULL PRIMARY KEY);
CREATE TABLE flows (app_id varchar(40) NOT NULL, CONSTRAINT flows_fk FOREIGN KEY (app_id) REFERENCES apps (id));
SQL
cat >"$tmp/apart/20240102000000000000_apart.mysql.up.sql" <<'SQL'
SET FOREIGN_KEY_CHECKS = 0;
ALTER TABLE flows ADD COLUMN a int;
ALTER TABLE missing ADD COLUMN a int;
DROP TABLE apps;
SET FOREIGN_KEY_CHECKS = 1;
SQL
for file in 01000000000000_tables 02000000000000_apart; do echo '-- stays' >"$tmp/apart/202401$file.mysql.down.sql"; done
make_database apart
exits 1 'a setting: the third statement fails' pgstride up --dir "$tmp/apart" -d "$(url_of apart)"
like "$err" 'statement 3 of 5' 'a setting: it is named'
in_client apart <<<'CREATE TABLE missing (b int)'
exits 0 'a setting: what is only set is set again in the session that goes on' pgstride up --dir "$tmp/apart" -d "$(url_of apart)"
is "$(in_client apart <<<"SELECT group_concat(table_name) FROM information_schema.tables WHERE table_schema = 'apart' AND table_name = 'apps'")" NULL \
	'a setting: what needed it came about'

cat >"$tmp/apart/20240103000000000000_computed.mysql.up.sql" <<'SQL'
SET @sql = (SELECT IF(count(*) = 0, 'ALTER TABLE later ADD COLUMN b int', 'DO 0') FROM information_schema.columns WHERE table_name = 'later' AND column_name = 'b');
PREPARE deed FROM @sql;
EXECUTE deed;
DEALLOCATE PREPARE deed;
SQL
echo '-- stays' >"$tmp/apart/20240103000000000000_computed.mysql.down.sql"
exits 1 'a prepared statement: it fails at first' pgstride up --dir "$tmp/apart" -d "$(url_of apart)"
in_client apart <<<'CREATE TABLE later (a int)'
exits 0 'a prepared statement: what prepared it, and did nothing else, is done again' pgstride up --dir "$tmp/apart" -d "$(url_of apart)"
is "$(in_client apart <<<"SHOW COLUMNS FROM later LIKE 'b'" | cut -f1)" b 'a prepared statement: it was executed'

# --- a folder of another engine ----------------------------------------------------------

: >"$files/none.db"
exits 4 'another engine: status --exit-code does not call it up to date' \
	pgstride status --exit-code --dir "$tmp/apart" -d "sqlite:$files/none.db"
like "$out" 'nothing can run: the folder has no migrations for SQLite' 'another engine: it says why'
unlike "$out" 'is up to date' 'another engine: and nothing else'

finish
