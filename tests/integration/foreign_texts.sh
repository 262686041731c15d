#!/bin/bash
# foreign_texts.sh: what users of other runners know and search for when something is in
# the way: of each runner and each trouble the known words, the cure, and the exit status.
# once: what is printed does not hang on the extension
. "$(dirname "$0")/../lib.sh"
start_postgres
sql "CREATE ROLE stranger LOGIN"

# --- a folder of each, two migrations applied ---------------------------------------------

# write LAYOUT NUMBER TYPE: the migration of that number in $tmp/LAYOUT.
write() {
	local text="CREATE TABLE t$2 (id $3);" of=$tmp/$1
	mkdir -p "$of/meta"
	case $1 in
	popx) echo "$text" >"$of/2024010100000000000$2_t.postgres.up.sql" && : >"$of/2024010100000000000$2_t.postgres.down.sql" ;;
	pair) echo "$text" >"$of/$2_t.up.sql" && echo "DROP TABLE t$2;" >"$of/$2_t.down.sql" ;;
	dbmate) printf -- '-- migrate:up\n%s\n-- migrate:down\n' "$text" >"$of/2024010$2_t.sql" ;;
	goose) printf -- '-- +goose Up\n%s\n' "$text" >"$of/0000$2_t.sql" ;;
	flyway) echo "$text" >"$of/V$2__t.sql" ;;
	drizzle)
		echo "$text" >"$of/000$2_t.sql"
		cat >"$of/meta/_journal.json" <<-'JSON'
			{"version":"7","dialect":"postgresql","entries":[
			 {"idx":0,"version":"7","when":1767225600000,"tag":"0001_t","breakpoints":true},
			 {"idx":1,"version":"7","when":1767225603000,"tag":"0003_t","breakpoints":true}]}
		JSON
		;;
	atlas) cp "$root"/tests/fixtures/atlas/* "$of" ;;
	esac
	rmdir "$of/meta" 2>/dev/null
}
# at LAYOUT VERB [OPTION...]: in its folder and database.
at() {
	local layout=$1 verb=$2
	shift 2
	[ "$layout" != dbmate ] || set -- --layout dbmate "$@"
	pgstride "$verb" --dir "$tmp/$layout" -d "${url:-host=$PGHOST port=$PGPORT user=$PGUSER dbname=$layout}" "$@"
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

# --- the troubles, each left as it was found -------------------------------------------

of_refused() { url='postgres://app:open-sesame@127.0.0.1:1/app' at "$1" up --yes; }
of_denied() { url="host=$PGHOST port=$PGPORT user=stranger dbname=$1" at "$1" status; }
of_changed() {
	write "$1" 1 bigint
	[ "$1" != atlas ] || echo '-- changed' >>"$tmp/atlas/20260101000000_orders.sql"
	at "$1" up --yes
	set -- "$1" $?
	write "$1" 1 int
	return "$2"
}
of_late() {
	write "$1" 2 int
	at "$1" up --yes
	set -- "$1" $?
	rm -f "$tmp/$1"/*2_t* "$tmp/$1"/V2*
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
	flyway) bad="INSERT INTO flyway_schema_history VALUES (9, '4', 't', 'SQL', 'V4__t.sql', 1, 'me', now(), 1, false)" good='DELETE FROM flyway_schema_history WHERE installed_rank = 9' ;;
	esac
	PGDATABASE=$1 sql "$bad"
	at "$1" up --yes
	set -- "$1" $?
	PGDATABASE=$1 sql "$good"
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
	[ "$1" != atlas ] || at "$1" mark 20260103000000 --pending --yes >/dev/null 2>&1
	at "$1" up --yes --no-wait
	set -- "$1" $?
	rm -f "$tmp/$1"/*4_t* "$tmp/$1"/V4*
	hang_up holder
	return "$2"
}

# trouble | layouts | exit | the known words | the cure
troubles() {
	cat <<'ROWS'
refused|popx pair dbmate goose flyway drizzle atlas|6|connection refused|database is running
denied|popx pair dbmate goose flyway drizzle atlas|6|^Error: permission denied for table TABLE$|GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA.TABLE TO
changed|popx pair dbmate goose drizzle|4|has changed since its up ran \(checksum mismatch\)|pgstride mark .* --to-state contracted
changed|flyway|4|Migration checksum mismatch for migration version 1$|pgstride mark 1
changed|flyway|4|^  -> Applied to database : -?[0-9]+$|Put the old text back
changed|flyway|4|^  -> Resolved locally    : -?[0-9]+$|Put the old text back
changed|atlas|4|You have a checksum error in your migration directory\.$|atlas migrate hash
late|goose|4|missing migrations before current version 3: version 2$|--out-of-order
late|flyway|4|Detected resolved migration not applied to database: 2 |--out-of-order
lost|pair|4|^Error: no migration found for version 3$|--ignore-migration-patterns
lost|flyway|4|^Error: Detected applied migration not resolved locally: 1$|--ignore-migration-patterns
lost|goose|4|was applied and its file .* is gone|Bring the file back
dirty|pair flyway|3|^Error: Database is in dirty state at version 4$|pgstride force 4
locked|pair goose flyway|5|^Error: database is locked$|held by pid [0-9]+ postgres
ROWS
}

for layout in popx pair dbmate goose flyway drizzle atlas; do
	PGDATABASE=postgres sql "CREATE DATABASE $layout"
	write "$layout" 1 int
	write "$layout" 3 int
	exits 0 "$layout: applied" at "$layout" up --yes
	PGDATABASE=$layout sql "GRANT USAGE ON SCHEMA $(table_of "$layout" | cut -d. -f1) TO stranger"
done
while IFS='|' read -r trouble layouts code words cure; do
	for layout in $layouts; do
		table=$(table_of "$layout")
		exits "$code" "$layout, $trouble: exit $code" "of_$trouble" "$layout" </dev/null
		for pattern in "$words" "$cure"; do
			pattern=${pattern//SCHEMA/${table%.*}}
			like "$err$out" "${pattern//TABLE/${table#*.}}" "$layout, $trouble: says ${pattern:0:60}"
		done
		unlike "$err$out" 'open-sesame' "$layout, $trouble: no password"
	done
done < <(troubles)
for layout in popx pair dbmate goose flyway drizzle atlas; do
	exits 0 "$layout: nothing of it all has changed anything" at "$layout" up --yes
	like "$out" 'already up to date' "$layout: nor left anything to do"
done
finish
