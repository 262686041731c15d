#!/bin/bash
# fills.sh: what tests of backfills share: a table of accounts, and a migration of it.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# world NAME ROWS: a fresh database with a table of accounts.
world() {
	new_database "$1"
	sql "CREATE TABLE accounts (id int PRIMARY KEY, email text, code text, amount int NOT NULL DEFAULT 1, touched int NOT NULL DEFAULT 0);
	     INSERT INTO accounts SELECT g, 'u' || g || '@example.com', md5(g::text)::uuid::text FROM generate_series(1, $2) g;
	     CREATE INDEX ON accounts (email)" && sql 'VACUUM ANALYZE accounts' || exit 1
}

# migration EXPAND BACKFILL [OPTIONS [CONTRACT]]: the folder holds this one alone.
migration() {
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	{
		[ -z "$1" ] || printf -- '-- migrate:expand\n%s;\n' "$1"
		printf -- '-- migrate:backfill %s\n%s;\n' "${3:-}" "$2"
		[ -z "${4:-}" ] || printf -- '-- migrate:contract\n%s;\n' "$4"
	} >"$tmp/migrations/20260101_fill.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
contract() { pgstride contract --yes --dir "$tmp/migrations" "$@"; }
# shellcheck disable=SC2034 # for those who source this
add_column='ALTER TABLE accounts ADD COLUMN new_email text'
# shellcheck disable=SC2034
copy_email='UPDATE accounts SET new_email = email WHERE new_email IS NULL'
unfilled() { sql "SELECT count(*) FROM ONLY ${1:-accounts} WHERE new_email IS DISTINCT FROM email"; }
record() { sql "SELECT $1 FROM pgstride.backfills ORDER BY number, leaf"; }

# In the background, its status and stderr kept apart from `keep`. What an earlier one
# said goes first: whoever waits for words of this one must not find them in that.
up_behind() {
	rm -f "$tmp/behind.out" "$tmp/behind.err"
	"$pgstride_binary" up --yes --dir "$tmp/migrations" "$@" >"$tmp/behind.out" 2>"$tmp/behind.err" &
	behind=$!
}
up_ended() { # STATUS WHAT
	ends "$behind" "$2" "$tmp/behind.err"
	wait "$behind"
	is "$?" "$1" "$2"
}
sweeping() { [ "$(sql 'SELECT coalesce(max(batches), 0) FROM pgstride.backfills' 2>/dev/null || echo 0)" -gt "${1:-2}" ]; }
