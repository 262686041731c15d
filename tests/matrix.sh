#!/bin/bash
# matrix.sh [MAJOR]...: the integration tests on every server version, 11 to 18.
#
# Binaries come from npm (servers/npm.sh) into MATRIX_SERVERS (default: build/servers);
# a version that cannot be had is skipped, loudly, and counted. Everything printed is
# kept in build/matrix/MAJOR. Ends with one line a version; fails when one failed.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
servers=${MATRIX_SERVERS:-$root/build/servers}

# As root the servers run as postgres, who may not be let into where we are.
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$servers"
	setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups test -x "$servers" || {
		servers=$(mktemp -d /tmp/pgsmatrix.XXXXXX)
		chmod 755 "$servers"
		trap 'rm -rf "$servers"' EXIT
	}
fi

# one_version MAJOR: runs its tests and leaves the verdict, a line, in $logs/verdict.
one_version() {
	local major=$1 bin
	logs=$root/build/matrix/$major
	mkdir -p "$logs"
	bin=$(tests/servers/npm.sh "$major" "$servers") || {
		echo "SKIPPED: its server could not be had" >"$logs/verdict"
		return 0
	}
	TEST_LOGS=$logs/tests PGSTRIDE_TEST_PG=$bin tests/check.sh integration >"$logs/printed" 2>&1
	local ended=$?
	tail -n 1 "$logs/printed" >"$logs/verdict"
	[ "$ended" -eq 0 ] || grep -A12 '^not ok ' "$logs/printed"
	return "$ended"
}

[ $# -gt 0 ] || set -- 11 12 13 14 15 16 17 18
failed=0 summary=
for major in "$@"; do
	echo "== PostgreSQL $major"
	one_version "$major" || failed=$((failed + 1))
	cat "$logs/verdict"
	summary+=$(printf 'PostgreSQL %-4s %s' "$major" "$(cat "$logs/verdict")")$'\n'
done
printf '\n%s' "$summary"
echo "$# versions, $failed failed, $(grep -c SKIPPED <<<"$summary") could not be had"
[ "$failed" -eq 0 ]
