#!/bin/bash
# fuzz.sh [PROGRAM]: what reads SQL, given texts at random: a fixed number of them that
# are the same each time; with a PROGRAM (make fuzz) others, for $FUZZ_SECONDS.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
program=${1:-}
mapfile -t corpus < <(find "$root/tests/fuzz/corpus" "$root/tests/fixtures" -name '*.sql' | LC_ALL=C sort)

case $program in
'') exec "$root/build/tests/fuzz" "${corpus[@]}" ;;
*/libfuzzer)
	# libFuzzer keeps here what led somewhere new, and begins with it the next time.
	kept=$root/build/fuzz
	mkdir -p "$kept/corpus"
	for file in "${corpus[@]}"; do
		cp "$file" "$kept/corpus/$(sha1sum <"$file" | cut -c 1-40)"
	done
	exec "$program" -max_len=700 -timeout=10 "-max_total_time=$FUZZ_SECONDS" "-artifact_prefix=$kept/" "$kept/corpus"
	;;
*) exec "$program" --seed 0 --seconds "$FUZZ_SECONDS" "${corpus[@]}" ;;
esac
