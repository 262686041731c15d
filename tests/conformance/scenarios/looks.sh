# shellcheck shell=bash disable=SC2154 # set by conform.sh
# doctor, repair and watch: the same words and the same exit codes, whatever is looked at.
looks() {
	local empty
	empty=$(engine_tables)
	exits 0 'a database where nothing ran is healthy' go doctor
	like "$out" ' · nothing is half done$' 'and doctor says so'
	exits 0 'there is nothing to watch either' go watch --once
	like "$out" '^nothing has run here$' 'and watch says so'
	is "$(engine_tables)" "$empty" 'looking made nothing'

	shop
	go up --to 20260101 >/dev/null 2>&1
	people 2500
	PGSTRIDE_FAULT=batch_after "$root/build/pgstride-faults" up --yes --database "$url" --dir "$folder" >"$tmp/died" 2>&1
	! declare -F engine_passes >/dev/null || engine_passes
	wait_until stands_still # a server may take a moment to notice
	exits 8 'a backfill that was killed stands still' go doctor
	like "$out" '^  ! backfill standing still  20260201$' 'doctor names it'
	like "$out" '^    no run is at work on it: it goes on where it stopped$' 'and what that means'
	like "$out" '^    > pgstride up 20260201$' 'and what goes on with it'
	exits 0 'watch shows what it was at' go watch --once
	like "$out" '^up by .* since .* UTC: gone without an end: killed, or cut off$' 'and that it was killed'
	like "$out" '^  20260201_email$' 'at which migration'
	is "$(go doctor --format json 2>/dev/null | jq -r '.result | [.healthy, .ailments[0].kind, .ailments[0].mend[0], .ailments[0].repairs] | join(" ")')" \
		'false backfill pgstride up 20260201 false' 'programs are told the same'
	exits 8 'repair has nothing to mend there, and says as doctor that something is left' go repair --yes
	like "$(go doctor 2>/dev/null)" 'backfill standing still' 'and leaves it to up'
	exits 0 'up goes on with it' go up --yes
	exits 0 'then all is well' go doctor
	exits 0 'and watch' go watch --once
	like "$out" '^up by .*: done$' 'says that it is done'
}
stands_still() {
	keep go doctor
	[ "$status" -eq 8 ]
}
