#!/bin/bash
# faults.sh: at every named fault point: run, kill -9 there, run again. The end must be
# that of an undisturbed run. A point that is passed several times is tried each time,
# up to $times; a point that is never reached is a failure: it guards nothing.
. "$(dirname "$0")/scenarios.sh"
times=${CRASH_TIMES:-8}

# Where to meet a point, when it is not in the plain life of a migration.
scenario_of() {
	[ -z "${all_in:-}" ] || { echo "$all_in" && return; }
	case $1 in
	sweep_revisit) echo revisit ;;
	undo_after) echo undo ;;
	alone_* | index_leftover | phase_done) echo orders ;;
	*) echo life ;;
	esac
}

die_at() {
	local point=$1 scenario nth what
	scenario=$(scenario_of "$point")
	for ((nth = 1; nth <= times; nth++)); do
		what="$point, passed $nth times: run again, it ends as if undisturbed"
		if ! play "$scenario" "$point:$nth"; then
			not_ok "$what" "$(cat "$tmp/played")"
		elif [ "$deaths" -gt 0 ]; then
			same_end "$scenario" "$what"
		elif [ "$nth" -eq 1 ]; then
			not_ok "$point is reached" "$(cat "$tmp/played")"
		else
			return
		fi
	done
}

make_world
points=${CRASH_POINTS:-$("$faults" --list-faults | awk '{ print $1 }')}
# With the extension the server sweeps in slices, without it we do in batches.
if [ -n "${PGSTRIDE_TEST_EXTENSION:-}" ]; then other=^batch_; else other=^slice_; fi
points=$(grep -v "$other" <<<"$points")
for scenario in $(for point in $points; do scenario_of "$point"; done | sort -u); do
	play_undisturbed "$scenario"
done
[ -n "$points" ] || not_ok 'the fault points are listed'
for point in $points; do
	die_at "$point"
done

# With several workers there are others in the middle of theirs when one dies.
if [ -z "${CRASH_POINTS:-}" ]; then
	all_in=crew times=2
	play_undisturbed crew
	new_database played world
	type_once "$(grep -m1 -E '^(batch|slice)_after$' <<<"$points"):1" up --yes --workers 3 --dir "$tmp/swap"
	is "$(sql 'SELECT count(*) FROM pgstride.backfills')" 3 'crew: there are three of them, each with its own row'
	points=$(grep -E '^(sweep_started|(batch|slice)_(open|sent|after)|sweep_done)$' <<<"$points")
	for point in $points; do
		die_at "$point"
	done
fi
finish
