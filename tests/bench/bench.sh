#!/bin/bash
# bench.sh: what pgstride costs beside its rivals.
#
#   bench.sh [--only NAME,...] [--rows N] [--rounds N] [--seconds N] [--json FILE]
#   bench.sh --list           names the benchmarks
#
#   --only NAME,...   only these benchmarks            [BENCH_ONLY, make bench ONLY=...]
#   --rows N          rows of the big tables, 500000   [BENCH_ROWS, make bench ROWS=...]
#   --rounds N        rounds of each benchmark, 3      [BENCH_ROUNDS, make bench ROUNDS=...]
#   --seconds N       of traffic in one round, 12      [BENCH_SECONDS, make bench SECONDS=...]
#   --json FILE       build/bench/bench.json           [BENCH_JSON]
#
# Starts a private server, and in every round lets pgstride and its rivals do the same
# work in turn, each in a fresh copy of the same database, right after a checkpoint. A
# figure is the median, over the rounds, of pgstride's number divided by its rival's of
# the same round: it means something on a busy machine too, where the numbers themselves
# do not. Prints a table (readme.sh makes the README's of the JSON). Peers (pgroll,
# migrate, dbmate, sqitch) run beside it where they are in PATH.
#
# The full size, with the tables of 2,000,000 rows that the bars are meant for:
#   make bench ROWS=2000000
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

usage() { sed -n '2,/^set /s/^# \{0,1\}//p' "$0" | sed '$d'; }
benchmarks() { sed 's/ *#.*//' "$here/order"; }

only=${BENCH_ONLY:-} json=${BENCH_JSON:-$root/build/bench/bench.json}
rows=${BENCH_ROWS:-500000} rounds=${BENCH_ROUNDS:-3} seconds=${BENCH_SECONDS:-12}
while [ $# -gt 0 ]; do
	case $1 in
	-h | --help) usage && exit ;;
	--list) cat "$here/order" && exit ;;
	--only | --rows | --rounds | --seconds | --json)
		[ $# -ge 2 ] || { echo "bench: $1 takes a value" >&2; exit 2; }
		printf -v "${1#--}" %s "$2"
		shift 2
		;;
	*) echo "bench: unknown option $1, see --help" >&2; exit 2 ;;
	esac
done
for number in "$rows" "$rounds" "$seconds"; do
	[[ $number =~ ^[1-9][0-9]*$ ]] || { echo "bench: a number is expected, not \"$number\"" >&2; exit 2; }
done
chosen=$(tr ',' '\n' <<<"${only:-$(benchmarks)}")
for name in $chosen; do
	[ -f "$here/rows/$name.sh" ] || { echo "bench: no benchmark \"$name\", see --list" >&2; exit 2; }
done

# shellcheck source=tests/bench/lib.sh
. "$here/lib.sh"
# shellcheck source=tests/bench/table.sh
. "$here/table.sh"

start_server
table_head
for name in $chosen; do
	benchmark_run "$name"
done
table_foot
mkdir -p "$(dirname "$json")"
json_all >"$json.new"
mv "$json.new" "$json"
echo "written to ${json#"$root"/}"
! grep -q '"broken"' "$json"
