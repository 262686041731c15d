#!/bin/bash
# matrix.sh [MAJOR|mysql|mariadb]...: the integration tests on every server version, 11 to
# 18; where headers can be had, once more with the server extension, built for it without
# a warning, and the extension's own tests. The tests of MySQL and MariaDB on the newest
# of each. And the tests in tests/matrix, once.
#
# Binaries come from npm (servers/npm.sh, npm_extended.sh), MySQL's and MariaDB's from
# Debian's sid (servers/mysql_sid.sh), into MATRIX_SERVERS (default: build/servers); a
# version that cannot be had is skipped, loudly, and counted. Everything printed is kept
# in build/matrix/MAJOR. Ends with one line a version; fails when one failed.
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
servers=${MATRIX_SERVERS:-$root/build/servers}

# As root the servers run as postgres or nobody, who may not be let into where we are.
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$servers"
	setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups test -x "$servers" || {
		servers=$(mktemp -d /tmp/pgsmatrix.XXXXXX)
		chmod 755 "$servers"
		trap 'rm -rf "$servers"' EXIT
	}
fi

# one_version MAJOR: runs its tests and leaves the verdict, a line, in $logs/verdict.
one_version() {
	local major=$1 bin extended suites with
	logs=$root/build/matrix/$major
	mkdir -p "$logs"
	bin=$(tests/servers/npm.sh "$major" "$servers") || {
		echo "SKIPPED: its server cannot be had" >"$logs/verdict"
		return 0
	}
	extended=$(WERROR=-Werror tests/servers/npm_extended.sh "$major" "$servers")
	case $? in
	0) suites='extension integration' with='with and without the extension' ;;
	3) suites=integration with='SKIPPED: the extension, no headers can be had' ;;
	*) echo 'the extension does not build for it' >"$logs/verdict" && return 1 ;;
	esac
	# shellcheck disable=SC2086 # a list of words
	TEST_LOGS=$logs/tests PGSTRIDE_TEST_PG=$bin PGSTRIDE_TEST_EXTENSION=$extended tests/check.sh $suites >"$logs/printed" 2>&1
	local ended=$?
	echo "$(tail -n 1 "$logs/printed"), $with" >"$logs/verdict"
	[ "$ended" -eq 0 ] || grep -A12 '^not ok ' "$logs/printed"
	return "$ended"
}

# one_mysql KIND: the same for mysql or mariadb.
one_mysql() {
	local program ended
	logs=$root/build/matrix/$1
	mkdir -p "$logs"
	program=$(tests/servers/mysql_sid.sh "$1" "$servers") || {
		echo "SKIPPED: its server cannot be had" >"$logs/verdict"
		return 0
	}
	TEST_LOGS=$logs/tests TEST_ONLY="mysql|_engines" PGSTRIDE_TEST_MYSQL=$program PGSTRIDE_TEST_MYSQL_INSTALL=$servers/$1/install \
		tests/check.sh conformance integration >"$logs/printed" 2>&1
	ended=$?
	echo "$(tail -n 1 "$logs/printed") ($("$program" --no-defaults --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1))" >"$logs/verdict"
	[ "$ended" -eq 0 ] || grep -A12 '^not ok ' "$logs/printed"
	return "$ended"
}

[ $# -gt 0 ] || set -- 11 12 13 14 15 16 17 18 mysql mariadb
mkdir -p build/matrix
failed=0 summary=
for major in "$@"; do
	case $major in
	mysql) name=MySQL run=one_mysql ;;
	mariadb) name=MariaDB run=one_mysql ;;
	*) name="PostgreSQL $major" run=one_version ;;
	esac
	echo "== $name"
	"$run" "$major" || failed=$((failed + 1))
	cat "$logs/verdict"
	summary+=$(printf '%-15s %s' "$name" "$(cat "$logs/verdict")")$'\n'
done
echo '== Patroni'
printed=$root/build/matrix/patroni.printed
if TEST_LOGS=$root/build/matrix/patroni tests/check.sh matrix >"$printed" 2>&1; then
	patroni=$(tail -n 1 "$printed")
elif grep -q '^skip ' "$printed"; then
	patroni='SKIPPED: its packages cannot be had'
else
	patroni=$(tail -n 1 "$printed") failed=$((failed + 1))
	grep -A12 '^not ok ' "$printed"
fi
printf '\n%s' "$summary"
echo "Patroni         $patroni"
echo "$# versions, $failed failed, $(grep -c 'SKIPPED: its server' <<<"$summary") could not be had"
[ "$failed" -eq 0 ]
