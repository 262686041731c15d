#!/bin/bash
# faults.sh: at every named fault point: run, kill -9 there, run again. The end must be
# that of an undisturbed run. A point that is passed several times is tried each time,
# up to $times; a point that is never reached is a failure: it guards nothing.
. "$(dirname "$0")/scenarios.sh"

make_world
points=${CRASH_POINTS:-$(fault_points)}
for scenario in $(for point in $points; do scenario_of "$point"; done | sort -u); do
	play_undisturbed "$scenario"
done
[ -n "$points" ] || not_ok 'the fault points are listed'
for point in $points; do
	die_at "$point"
done
finish
