#!/bin/bash
# crew.sh: kill -9 while several workers sweep, at every fault point of a sweep: there
# are others in the middle of theirs when one dies. The end must be that of an
# undisturbed run.
. "$(dirname "$0")/scenarios.sh"
times=2
all_in=crew

make_world
play_undisturbed crew
points=$(fault_points | grep -E '^(sweep_started|(batch|slice)_(open|sent|after)|sweep_done)$')
new_database played world
type_once "$(grep -m1 _after <<<"$points"):1" up --yes --workers 3 --dir "$tmp/swap"
is "$(sql 'SELECT count(*) FROM pgstride.backfills')" 3 'there are three of them, each with its own row'
for point in $points; do
	die_at "$point"
done
finish
