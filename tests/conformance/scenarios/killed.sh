# shellcheck shell=bash disable=SC2154 # set by conform.sh
# kill -9 at named points: run again, the end is that of an undisturbed run.
killed() {
	local point want
	shop
	undisturbed
	want=$(outcome)
	for point in $fault_points; do
		engine_new "killed_$point"
		faulty up --to 20260101 >/dev/null 2>&1
		people 2500
		PGSTRIDE_FAULT=$point faulty up --through contract --yes --no-wait >"$tmp/died" 2>&1
		status=$?
		is $status 137 "dies at $point"
		[ $status -eq 137 ] || tail -n 5 "$tmp/died"
		! declare -F engine_passes >/dev/null || engine_passes
		holds "and goes on behind $point" faulty up --through contract --yes
		is "$(outcome)" "$want" "as if nothing had been at $point"
	done
}
outcome() {
	engine_query 'SELECT id, email FROM people ORDER BY id' | cksum
	engine_tables
}
undisturbed() {
	faulty up --to 20260101 >/dev/null 2>&1
	people 2500
	holds 'an undisturbed run' faulty up --through contract --yes
}
