#!/bin/bash
# extended
# tap.sh: the extension's tests in Perl, on servers of their own: restart, crash
# recovery, standbys, and roles that may do little.
. "$(dirname "$0")/../lib.sh"
modules=/usr/lib/postgresql/15/lib/pgxs/src/test
TESTDIR=$tmp TESTDATADIR=$tmp/data TESTLOGDIR=$tmp/log perl -I "$modules/perl" -e 'use IPC::Run; use PostgreSQL::Test::Cluster' 2>"$tmp/why" ||
	{ not_ok 'the modules of PostgreSQL for tests in Perl are here: make deps' "$(cat "$tmp/why")"; finish; }

# No server of theirs runs as root, and whoever it is may not be let into where we are.
mkdir "$tmp/here" "$tmp/t"
cp "$root"/pg_extension/t/*.pl "$tmp/t"
as=()
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$tmp"
	chown postgres "$tmp/here"
	as=(setpriv --reuid=postgres "--regid=$(id -g postgres)" --clear-groups)
fi
cd "$tmp/here" || exit 1
major=$("$PGSTRIDE_TEST_EXTENSION/pg_config" --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')

for file in "$tmp"/t/*.pl; do
	name=$(basename "$file" .pl)
	if grep -q -e '->backup(' "$file" && [ "$major" -gt "$(pg_basebackup --version | sed -E 's/[^0-9]*([0-9]+).*/\1/')" ]; then
		skip "$name" "no pg_basebackup of PostgreSQL $major is here"
		continue
	fi
	"${as[@]}" env HOME="$tmp/here" PATH="$PGSTRIDE_TEST_EXTENSION:$PATH" PG_REGRESS="$modules/regress/pg_regress" \
		TESTDATADIR="$tmp/here/data" TESTLOGDIR="$tmp/here/log" TESTDIR="$tmp/here" PG_TEST_TIMEOUT_DEFAULT=120 \
		perl -I "$modules/perl" "$file" >"$tmp/$name" 2>"$tmp/$name.err"
	ended=$?
	sed -nE "s/^(ok|not ok) [0-9]+ - /\1 $name: /p" "$tmp/$name"
	grep -q '^not ok' "$tmp/$name" && failures=$((failures + 1))
	[ "$ended" -eq 0 ] || not_ok "$name: to its end" "$(tail -n 30 "$tmp/$name.err")" "$(tail -n 5 "$tmp"/here/*/log/*.log)"
done
finish
