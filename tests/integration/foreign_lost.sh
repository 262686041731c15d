#!/bin/bash
# foreign_lost.sh: what a folder's own runner has applied and the folder does not have, or
# not so any more: of each runner, on each engine, as that runner takes it where only its
# table knows, and asked about where we have applied it ourselves.
# once: what is compared does not hang on the extension
. "$(dirname "$0")/../lib.sh"
start_postgres
. "$root/tests/runners.sh"

# begin LAYOUT: its database, made anew, with three migrations applied.
begin() {
	rm -rf "${tmp:?}/$1"
	database_new "$1"
	for n in 1 2 3; do write "$1" $n int; done
	at "$1" up --yes >/dev/null 2>&1 || not_ok "$1 on $engine: applied"
}
lost() { without "$1" 2; }
last() { without "$1" 3; }
changed() { write "$1" 1 bigint; }
# A migration of the number that is gone comes back, or another comes behind which one is
# gone: it is older than what has been applied.
late() { without "$1" 3 && in_database "$1" "$(taken_back "$1")" && in_database "$1" 'DROP TABLE t2'; }
taken_back() {
	case $1 in
	popx) echo "DELETE FROM schema_migration WHERE version = '20240101000000000002'" ;;
	dbmate) echo "DELETE FROM schema_migrations WHERE version = '20240102'" ;;
	goose) echo 'DELETE FROM goose_db_version WHERE version_id = 2' ;;
	flyway) echo "DELETE FROM flyway_schema_history WHERE version = '2'" ;;
	atlas) echo "DELETE FROM $atlas WHERE version = '20240102'" ;;
	drizzle) echo "DELETE FROM $drizzle WHERE created_at = 1767225602000" ;;
	esac
}

# whose history knows | what | layouts | exit | the words, or what up says
cases() {
	cat <<'ROWS'
theirs|lost|popx dbmate goose drizzle atlas|0|already up to date|
theirs|lost|flyway|4|Detected applied migration not resolved locally: 2$|--ignore-migration-patterns
theirs|last|popx dbmate goose drizzle atlas flyway|0|already up to date|
theirs|last|pair|4|no migration found for version 3$|--ignore-migration-patterns
theirs|changed|popx pair dbmate goose drizzle atlas|0|already up to date|
theirs|changed|flyway|4|Migration checksum mismatch for migration version 1$|pgstride mark 1
theirs|late|popx dbmate drizzle|0|Successfully applied 1 migration|
theirs|late|goose|4|found missing migrations before current version 3: version 2$|--out-of-order
theirs|late|flyway|4|Detected resolved migration not applied to database: 2 .current version 3|--out-of-order
theirs|late|atlas|4|migration file 20240102_t.sql was added out of order$|--out-of-order
ours|lost|popx dbmate drizzle|0|already up to date|
ours|lost|goose atlas|4|migration .*2 was applied and its file .*2_t.sql is gone$|Bring the file back
ours|lost|flyway|4|Detected applied migration not resolved locally: 2$|--ignore-migration-patterns
ours|last|pair|4|no migration found for version 3$|--ignore-migration-patterns
ours|changed|popx pair dbmate goose drizzle atlas|4|has changed since its up ran .checksum mismatch.|pgstride mark .* --to-state contracted
ours|changed|flyway|4|Migration checksum mismatch for migration version 1$|pgstride mark 1
ROWS
}
# tried WHOSE CASE LAYOUT EXIT WORDS CURE
tried() {
	local what="$3 on $engine, $2 to $1"
	begin "$3"
	[ "$1" = ours ] || forget "$3"
	"$2" "$3"
	exits "$4" "$what: up" at "$3" up --yes
	like "$out$err" "$5" "$what: says so"
	[ -z "$6" ] || like "$err" "$6" "$what: with the way out"
}
for engine in postgres mysql sqlite3; do
	atlas=atlas_schema_revisions drizzle=__drizzle_migrations
	[ "$engine" != postgres ] || atlas=$atlas.$atlas drizzle=drizzle.$drizzle
	while IFS='|' read -r whose name layouts code words cure; do
		for layout in $layouts; do
			tried "$whose" "$name" "$layout" "$code" "$words" "$cure" </dev/null
		done
	done < <(cases)

	# Where Atlas stopped midway it cannot go on without the file; nor can anybody.
	what="atlas on $engine, stopped in a file that is gone"
	begin atlas
	forget atlas
	in_database atlas "UPDATE $atlas SET applied = 0, error = 'no' WHERE version = '20240103'"
	last atlas
	exits 3 "$what: up" at atlas up --yes
	like "$err" '^Error: Database is in dirty state at version 20240103$' "$what: is refused"
	like "$err" 'missing migration: revision "20240103_t.sql" is partially applied but migration file was not found$' "$what: in its own words"
	like "$err" 'bring it back' "$what: with the way out"
	unlike "$err" 'pgstride force' "$what: and with no other"
done
finish
