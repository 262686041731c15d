#!/bin/bash
# foreign_texts.sh: what users of other runners know and search for when something is in
# the way: of each runner, engine and trouble the known words, the cure, and the exit status.
# once: what is printed does not hang on the extension
. "$(dirname "$0")/../lib.sh"
start_postgres
sql "CREATE ROLE stranger LOGIN; CREATE ROLE barred LOGIN"
. "$root/tests/runners.sh"
engine=postgres
all='popx pair dbmate goose flyway drizzle'

# --- the troubles, each left as it was found -------------------------------------------

of_refused() {
	local url
	case $engine in
	postgres | mysql) url=$engine://app:open-sesame@127.0.0.1:1/app ;;
	sqlite3) url=sqlite:$tmp/none/app.db ;;
	esac
	at "$1" up --yes
}
of_denied() {
	if [ "$engine" = postgres ]; then
		url=$(url_of "$1" stranger) at "$1" status
		return
	fi
	write "$1" 4 int
	url=$(url_of "$1" stranger) at "$1" up --yes
	set -- "$1" $?
	without "$1" 4
	return "$2"
}
# Who may read everything, and write all but its table: told before anything has run.
of_barred() {
	let_in "$1"
	url=$(url_of "$1" barred) at "$1" up --yes
	is "$?" 0 "$1 on $engine: with nothing to do nobody is asked what he may"
	write "$1" 4 int
	url=$(url_of "$1" barred) at "$1" up --yes
	set -- "$1" $?
	without "$1" 4
	unlike "$(in_database "$1" "SELECT table_name FROM information_schema.tables WHERE table_name = 't4'")" t4 "$1 on $engine: who is barred has run nothing"
	return "$2"
}
# Who may write there, and take no row out of it: told before what would have to.
of_kept() {
	let_write "$1"
	of_barred "$1"
}
of_going_back() {
	let_write "$1"
	url=$(url_of "$1" barred) at "$1" goto 1 --yes
	set -- "$1" $?
	like "$(in_database "$1" "SELECT table_name FROM information_schema.tables WHERE table_name = 't3'")" t3 "$1 on $engine: who may not go back has dropped nothing"
	return "$2"
}
let_write() {
	local table
	table=$(table_of "$1")
	let_in "$1"
	case $engine in
	postgres) in_database "$1" "GRANT INSERT, UPDATE ON $table TO barred; ALTER TABLE t3 OWNER TO barred" ;;
	mysql) in_database "$1" "GRANT DROP ON $1.* TO barred@localhost; GRANT INSERT, UPDATE ON $1.${table#*.} TO barred@localhost" ;;
	esac
}
of_uncounted() {
	in_database "$1" "GRANT INSERT ON $(table_of "$1") TO barred"
	of_barred "$1"
}
let_in() {
	local table
	case $engine in
	postgres) in_database "$1" "GRANT ALL ON SCHEMA pgstride, public, $(table_of "$1" | cut -d. -f1) TO barred; GRANT ALL ON ALL TABLES IN SCHEMA pgstride TO barred;
		GRANT ALL ON ALL SEQUENCES IN SCHEMA pgstride TO barred; GRANT SELECT ON $(table_of "$1") TO barred" ;;
	mysql)
		in_database "$1" "GRANT SELECT, CREATE ON $1.* TO barred@localhost"
		for table in $(in_database "$1" "SHOW TABLES LIKE 'pgstride%'"); do in_database "$1" "GRANT ALL ON $1.$table TO barred@localhost"; done
		;;
	esac
}
of_changed() {
	write "$1" 1 bigint
	[ "$1" != atlas ] || echo '-- changed' >>"$tmp/atlas/20240101_t.sql"
	at "$1" up --yes
	set -- "$1" $?
	write "$1" 1 int
	return "$2"
}
of_late() {
	write "$1" 2 int
	at "$1" up --yes
	set -- "$1" $?
	without "$1" 2
	return "$2"
}
of_lost() { # what golang-migrate's one row names, of the others one that is not the newest
	local number=1
	[ "$1" != pair ] || number=3
	mkdir "$tmp/aside"
	mv "$tmp/$1"/*"$number"_*t* "$tmp/aside"
	at "$1" up --yes
	set -- "$1" $?
	mv "$tmp/aside"/* "$tmp/$1"
	rmdir "$tmp/aside"
	return "$2"
}
of_dirty() {
	local good bad
	case $1 in
	pair) bad='UPDATE schema_migrations SET version = 4, dirty = true' good='UPDATE schema_migrations SET version = 3, dirty = false' ;;
	flyway) bad="INSERT INTO flyway_schema_history VALUES (9, '4', 't', 'SQL', 'V4__t.sql', 1, 'me', CURRENT_TIMESTAMP, 1, false)" good='DELETE FROM flyway_schema_history WHERE installed_rank = 9' ;;
	esac
	in_database "$1" "$bad"
	at "$1" up --yes
	set -- "$1" $?
	in_database "$1" "$good"
	return "$2"
}
# Its runner is at work: the lock that it takes, ours where it takes none.
of_locked() {
	local key
	case $1 in
	pair) key=$(python3 -c 'import zlib; print(zlib.crc32(b"public\0schema_migrations\0pair") * 1486364155 % 2**32)') ;;
	goose) key=4097083626 ;;
	flyway) key=77433833903597 ;;
	atlas) key=2686470616 ;;
	esac
	PGDATABASE=$1 psql_session holder
	say holder "SELECT pg_advisory_lock($key);"
	wait_until sql "SELECT 1 / count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = 'holder' AND locktype = 'advisory' AND granted"
	write "$1" 4 int
	at "$1" up --yes --no-wait
	set -- "$1" $?
	without "$1" 4
	hang_up holder
	return "$2"
}
# Somebody is writing to the file.
of_busy() {
	mkfifo "$tmp/writer"
	sqlite3 "$tmp/$1.db" <"$tmp/writer" >"$tmp/writing" &
	exec {writer}>"$tmp/writer"
	echo 'BEGIN EXCLUSIVE; SELECT 1;' >&"$writer"
	wait_until grep -q 1 "$tmp/writing"
	at "$1" up --yes --lock-patience 100ms
	set -- "$1" $?
	exec {writer}>&-
	wait $!
	rm "$tmp/writer"
	return "$2"
}

# engines | trouble | layouts | exit | the known words | the cure
troubles() {
	cat <<'ROWS'
postgres mysql|refused|ALL atlas|6|onnection refused|database is running
postgres mysql|refused|ALL atlas|6|onnection refused|connection string is correct
postgres mysql|refused|ALL atlas|6|onnection refused|network and firewall allow the connection
postgres mysql|refused|ALL atlas|6|onnection refused|host name and port are correct
sqlite3|refused|ALL|6|^Error: unable to open database file ".*/none/app\.db"|mkdir -p .*/none$
postgres|denied|ALL atlas|6|^Error: permission denied for table TABLE$|GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA.TABLE TO stranger;
mysql|denied|ALL|6|command denied to user 'stranger'@'localhost' for table|GRANT ALL ON `LAYOUT`\.\* TO 'stranger'@'localhost';
postgres|barred|ALL atlas|6|^Error: permission denied for table TABLE$|GRANT INSERT, UPDATE, DELETE ON SCHEMA.TABLE TO barred;
postgres|uncounted|drizzle|6|^Error: permission denied for sequence SCHEMA.TABLE_id_seq$|GRANT USAGE ON SEQUENCE SCHEMA.TABLE_id_seq TO barred;
mysql|barred|ALL atlas|6|^Error: permission denied for table TABLE$|GRANT INSERT, UPDATE ON LAYOUT.TABLE TO 'barred'@'localhost';
postgres|kept|pair flyway|6|^Error: permission denied for table TABLE$|GRANT DELETE ON SCHEMA.TABLE TO barred;
mysql|kept|pair flyway|6|^Error: permission denied for table TABLE$|GRANT DELETE ON LAYOUT.TABLE TO 'barred'@'localhost';
postgres|going_back|pair|6|^Error: permission denied for table TABLE$|GRANT DELETE ON SCHEMA.TABLE TO barred;
mysql|going_back|pair|6|^Error: permission denied for table TABLE$|GRANT DELETE ON LAYOUT.TABLE TO 'barred'@'localhost';
postgres mysql sqlite3|changed|popx pair dbmate goose drizzle|4|has changed since its up ran \(checksum mismatch\)|pgstride mark .* --to-state contracted
postgres mysql sqlite3|changed|flyway|4|Migration checksum mismatch for migration version 1$|pgstride mark 1
postgres mysql sqlite3|changed|flyway|4|^  -> Applied to database : -?[0-9]+$|Put the old text back
postgres mysql sqlite3|changed|flyway|4|^  -> Resolved locally    : -?[0-9]+$|Put the old text back
postgres mysql sqlite3|changed|atlas|4|You have a checksum error in your migration directory\.$|atlas migrate hash
postgres mysql sqlite3|late|goose|4|missing migrations before current version 3: version 2$|--out-of-order
postgres mysql sqlite3|late|atlas|4|migration file 20240102_t.sql was added out of order$|--out-of-order
postgres mysql sqlite3|late|flyway|4|Detected resolved migration not applied to database: 2 |--out-of-order
postgres mysql sqlite3|lost|pair|4|^Error: no migration found for version 3$|--ignore-migration-patterns
postgres mysql sqlite3|lost|flyway|4|^Error: Detected applied migration not resolved locally: 1$|--ignore-migration-patterns
postgres mysql sqlite3|lost|goose|4|was applied and its file .* is gone|Bring the file back
postgres mysql sqlite3|dirty|pair flyway|3|^Error: Database is in dirty state at version 4$|pgstride force 4
postgres mysql sqlite3|dirty|flyway|3|^  Schema ".*" contains a failed migration to version 4 !$|pgstride force 4
postgres mysql sqlite3|dirty|pair|3|^  Dirty database version 4\. Fix and force version\.$|pgstride force 4
postgres|locked|pair goose flyway atlas|5|^Error: database is locked$|held by pid [0-9]+ postgres
sqlite3|busy|ALL|5|^Error: database is locked$|another writer had ".*/LAYOUT\.db" for .*: pid [0-9]+ \(sqlite3\)$
ROWS
}

# begin LAYOUT: its database, with two migrations applied.
begin() {
	case $engine in
	postgres) PGDATABASE=postgres sql "CREATE DATABASE $1" ;;
	mysql) in_database mysql "CREATE DATABASE $1; GRANT SELECT ON $1.* TO stranger@localhost" ;;
	sqlite3) : >"$tmp/$1.db" ;;
	esac
	write "$1" 1 int
	write "$1" 3 int
	exits 0 "$1 on $engine: applied" at "$1" up --yes
	[ "$engine" != postgres ] || PGDATABASE=$1 sql "GRANT USAGE ON SCHEMA $(table_of "$1" | cut -d. -f1) TO stranger"
}
# trouble NAME LAYOUT EXIT WORDS CURE
trouble() {
	local what="$2 on $engine, $1" table pattern
	table=$(table_of "$2")
	exits "$3" "$what: exit $3" "of_$1" "$2" </dev/null
	for pattern in "$4" "$5"; do
		pattern=${pattern//SCHEMA/${table%.*}} pattern=${pattern//LAYOUT/$2}
		like "$err$out" "${pattern//TABLE/${table#*.}}" "$what: says ${pattern:0:60}"
	done
	unlike "$err$out" 'open-sesame' "$what: no password"
}
on_engine() {
	local engines name layouts code words cure layout
	for layout in "$@"; do begin "$layout"; done
	while IFS='|' read -r engines name layouts code words cure; do
		[[ " $engines " == *" $engine "* ]] || continue
		for layout in ${layouts/ALL/$all}; do
			trouble "$name" "$layout" "$code" "$words" "$cure"
		done
	done < <(troubles)
	for layout in "$@"; do
		exits 0 "$layout on $engine: nothing of it all has changed anything" at "$layout" up --yes
		like "$out" 'already up to date' "$layout on $engine: nor left anything to do"
	done
}
# shellcheck disable=SC2086 # words
on_engine $all atlas
mariadb --no-defaults -uroot -S "$maria/s" -e "CREATE USER stranger@localhost; CREATE USER barred@localhost"
for engine in mysql sqlite3; do
	for layout in $all atlas; do rm -rf "${tmp:?}/$layout"; done
	# shellcheck disable=SC2086
	on_engine $all atlas
done

# Where there is nothing to do, or no folder to do it with.
engine=postgres
sql 'CREATE DATABASE empty'
for layout in $all atlas; do
	rm -rf "${tmp:?}/$layout"
	write "$layout" 1 int
	exits 0 "$layout: nothing to take back" env -u PGSTRIDE_DATABASE "$pgstride_binary" down --yes --dir "$tmp/$layout" --history own --component "$layout" -d "$(url_of empty)"
	like "$out" 'There are apparently no migrations to roll back\.' "$layout: in the words of popx"
done
rm -r "$tmp/drizzle/meta"
exits 4 'drizzle: without its journal' pgstride validate --dir "$tmp/drizzle" --layout drizzle --engine postgres
like "$err" "^Error: Can't find meta/_journal.json file" 'drizzle: in its own words'
finish
