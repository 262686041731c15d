#!/bin/bash
# check.sh [unit|extension|integration|conformance|checker|crash]...: runs the tests, all of them by default.
# `matrix`, what only make check-matrix runs, is asked for by name.
#
# A test is a program that prints "ok WHAT", "not ok WHAT" or "skip WHAT: WHY" lines;
# anything else it prints is shown only when it fails. TEST_JOBS run at a time (default:
# two for each processor, since most of their time is waiting), the longest first, save
# those that say "# alone" near their top: they measure time. A test that ends without
# a verdict, or with a status that its lines do not explain, is a failure of its own.
# A test with a server that fails among others is run again with the machine to itself;
# what passed only then is said at the end. A unit, a checker's seed fails for good.
# Tests with a server run twice, the second time with our extension in every database
# ("NAME with the extension"); "# once: WHY" near the top says that the extension cannot
# be met there, "# extended" that nothing but the extension is. The server that has it is
# PGSTRIDE_TEST_EXTENSION, else the one that `make extension` has made.
# TEST_ONLY is a regular expression: of the tests with a server those whose file it fits.
# The last line is "N passed, N failed" (", N skipped"). TEST_LOGS is where everything
# printed is kept (default: build/check).
set -u
cd "$(dirname "$0")/.." || exit 2
logs=${TEST_LOGS:-$PWD/build/check}
test_patience=${TEST_PATIENCE:-600} # seconds that one program may take
test_jobs=${TEST_JOBS:-$((2 * $(nproc)))}

# Programs, as "FILE" or "FILE+", the latter with the extension.
tests_of() {
	local file
	case $1 in
	unit)
		for file in tests/unit/test_*.c; do
			echo "build/unit/$(basename "$file" .c)"
		done
		echo tests/lint/selftest.sh
		echo tests/fuzz/fuzz.sh
		;;
	*)
		for file in $(find "tests/$1" -name "*.sh" -perm -u+x 2>/dev/null | sort); do
			[[ $file =~ ${TEST_ONLY:-.} ]] || continue
			says "$file" extended || echo "$file"
			says "$file" 'once: ' || [ -z "$extended" ] || echo "$file+"
		done
		;;
	esac
}

# says FILE WORDS: is there a comment near its top that begins with them?
says() { head -n 20 "${1%+}" 2>/dev/null | grep -aq "^# $2"; }

# The server with the extension; a copy of it, where the user it runs as is let in.
extended_server() {
	local made=$PWD/build/server bin=lib/postgresql/15/bin
	[ -z "${PGSTRIDE_TEST_PG:-}" ] && [ -x "$made/$bin/postgres" ] || return 0
	if [ "$(id -u)" = 0 ] && ! setpriv --reuid=postgres --clear-groups test -x "$made/$bin/postgres"; then
		copied=$(mktemp -d /tmp/pgsserver.XXXXXX)
		cp -a "$made/lib" "$made/share" "$copied"
		chmod 755 "$copied"
		made=$copied
	fi
	extended=$made/$bin
}

# One test program, in a process group of its own: nothing it started stays behind.
run_test() {
	local file=${1%+} name start=$SECONDS status lines log group server=''
	name=${file#tests/} name=${name#build/} name=${name%.sh}
	log=$logs/${name//\//_}
	[ "$file" = "$1" ] || { name="$name with the extension" log=$log+ server=$extended; }
	log=$log.log
	mkdir -p "$log.servers"
	PGSTRIDE_TEST_SERVERS=$log.servers PGSTRIDE_TEST_EXTENSION=$server \
		setsid timeout -k 20 "$test_patience" "$file" >"$log" 2>&1 </dev/null &
	group=$!
	wait "$group" 2>/dev/null
	status=$?
	kill -KILL -- "-$group" 2>/dev/null
	tests/servers/mariadb.sh sweep "$log.servers"
	tests/servers/pg.sh sweep "$log.servers"
	if [ $((SECONDS - start)) -ge "$test_patience" ]; then
		echo "not ok $name: did not end within $test_patience s" >>"$log"
	elif [ "$status" -eq 0 ]; then
		grep -qE '^(ok|not ok|skip) ' "$log" || echo "not ok $name: no test in it ran" >>"$log"
	else
		grep -qE '^not ok ' "$log" || echo "not ok $name: ended with status $status" >>"$log"
	fi
	lines=$(grep -E '^(ok|not ok|skip) ' "$log")
	[ -z "$server" ] || lines=$(sed -E 's/^(ok|not ok|skip) /&with the extension: /' <<<"$lines")
	echo "$lines" >"$log.verdicts"
	{
		echo "== $name ($((SECONDS - start)) s)"
		echo "$lines"
		! grep -q '^not ok ' <<<"$lines" || {
			echo "-- what failed in $name, and what it printed last ($log)"
			awk '/^(ok|skip) / { shown = 0 } /^not ok / { shown = 1 } shown' "$log" | head -n 80 | sed 's/^/   /'
			echo "   ..."
			tail -n 15 "$log" | sed 's/^/   /'
		}
	} >"$log.shown"
	cat "$log.shown"
	! grep -q '^not ok ' <<<"$lines" || echo "$1" >>"$logs/failed"
}

# What failed among others, once more and one by one.
run_again() {
	local file
	[ -s "$logs/failed" ] || return 0
	grep -E '^tests/(extension|integration|conformance|crash)/' "$logs/failed" >"$logs/again"
	rm "$logs/failed"
	while read -r file; do
		echo "-- again, alone: $file"
		run_test "$file"
		grep -qxF "$file" "$logs/failed" 2>/dev/null || echo "$file" >>"$logs/second_time"
	done <"$logs/again"
}

# All of the suites at once, so that no processor waits for the last test of one.
run_suites() {
	local suite file together='' alone=''
	for suite in $suites; do
		for file in $(tests_of "$suite"); do
			if says "$file" alone; then
				alone="$alone $file"
			else
				together="$together $file"
			fi
		done
	done
	# shellcheck disable=SC2086 # lists of words
	printf '%s\n' $together | xargs -r -P "$test_jobs" -I FILE bash -c 'run_test FILE'
	echo "---- together: $SECONDS s"
	for file in $alone; do
		run_test "$file"
	done
	echo "---- alone: $SECONDS s"
	run_again
}

# A server that outlives a killed test is stopped here, whatever ended us.
end() {
	trap - EXIT
	for servers in "$logs"/*.servers; do
		tests/servers/mariadb.sh sweep "$servers"
		tests/servers/pg.sh sweep "$servers"
	done
	[ -z "$copied" ] || rm -rf "$copied"
}

suites=${*:-crash checker unit extension conformance integration}
for suite in $suites; do
	[[ " unit extension integration conformance checker crash matrix " == *" $suite "* ]] ||
		{ echo "usage: $0 [unit|extension|integration|conformance|checker|crash|matrix]..." >&2; exit 2; }
done
rm -rf "$logs" && mkdir -p "$logs"
extended=${PGSTRIDE_TEST_EXTENSION:-} copied=
trap end EXIT
trap 'exit 130' INT TERM
[ -n "$extended" ] || extended_server
export -f run_test
export logs test_patience extended
run_suites

cat "$logs"/*.verdicts >"$logs/verdicts"
[ ! -s "$logs/second_time" ] || { echo; echo "passed only the second time:"; sed 's/^/  /' "$logs/second_time"; }
count() { grep -cE "^$1 " "$logs/verdicts"; }
passed=$(count ok) failed=$(count 'not ok') skipped=$(count skip)
[ "$failed" -eq 0 ] || { echo; echo "failed:"; grep -E '^not ok ' "$logs/verdicts" | sed 's/^not ok/ /'; }
echo "$passed passed, $failed failed$([ "$skipped" -eq 0 ] || echo ", $skipped skipped")" | tee "$logs/count"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
