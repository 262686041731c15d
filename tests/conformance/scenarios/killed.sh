# shellcheck shell=bash disable=SC2154 # set by conform.sh
# kill -9 at named points, forward and back: run again, the end is that of an undisturbed run.
killed() {
	local point want
	shop
	peopled
	holds 'an undisturbed run' faulty up --through contract --yes
	want=$(outcome)
	for point in $fault_points; do dies "$point" up --through contract; done
	for point in $contract_points; do dies "$point" contract; done

	engine_new killed_never
	peopled
	want=$(outcome)
	for point in $down_points; do dies "$point" down; done
}
peopled() {
	faulty up --to 20260101 >/dev/null 2>&1
	people 2500
}
# dies POINT VERB...: there, and goes on to the outcome that is wanted.
dies() {
	local point=$1
	shift
	engine_new "killed_${1}_$point"
	peopled
	[ "$1" = up ] || faulty up --yes >/dev/null 2>&1
	PGSTRIDE_FAULT=$point faulty "$@" --yes --no-wait >"$tmp/died" 2>&1
	status=$?
	is $status 137 "$1 dies at $point"
	[ $status -eq 137 ] || tail -n 5 "$tmp/died"
	! declare -F engine_passes >/dev/null || engine_passes
	holds "and goes on behind $point" faulty "$@" --yes
	is "$(outcome)" "$want" "as if nothing had been at $point"
}
outcome() {
	engine_query 'SELECT * FROM people ORDER BY id' | cksum
	engine_tables
}
