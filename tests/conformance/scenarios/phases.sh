# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Writers of either age go on through all phases; both sides stay level.
phases() {
	local old new before
	shop
	go up --to 20260101 >/dev/null 2>&1
	people 8000
	: >"$tmp/errors"
	: >"$tmp/written"
	touch "$tmp/open"
	old_writer &
	old=$!
	wait_until wrote_since 0
	midway 'a run, however fast it is, between two batches'
	before=$(written)
	holds 'who writes goes on there' wait_until wrote_since "$before"
	goes_on
	ended 'up, with a writer beside it'
	like "$(go history)" 'backfill .* [0-9],[0-9]+ rows' 'history keeps how many rows were filled'
	if [ "$sync" = off ]; then # rows of old code are the application's to fill
		old_writer_ends
		return
	fi
	(
		for ((i = 1; i <= 20; i++)); do
			engine_query "UPDATE people SET new_email = 'new$i@shop' WHERE id = $((i * 11))" 2>>"$tmp/errors"
		done
	) &
	new=$!
	wait $new
	is "$(engine_query 'SELECT count(*) FROM people WHERE new_email = email')" 8000 'both columns are level'
	engine_query "INSERT INTO people (id, email) VALUES (9001, 'late@shop')"
	is "$(engine_query 'SELECT new_email FROM people WHERE id = 9001')" late@shop 'a row of old code is filled'
	before=$(written)
	exits 0 'contract, with a writer that knows the surviving name' go contract --yes
	wait_until wrote_since "$before"
	old_writer_ends
	is "$(engine_query 'SELECT email FROM people WHERE id = 9001')" late@shop 'keeps the rows'
	before=$(written)
	is "$(engine_query "SELECT count(*) FROM people WHERE email = 'old$before@shop'")" 1 'and what was written last'
	unlike "$(engine_tables)" 'trigger' 'no sync trigger is left'
}
# Each write it has done is a line of $tmp/written.
old_writer() {
	for ((i = 1; ; i++)); do
		[ -e "$tmp/open" ] || break
		engine_query "UPDATE people SET email = 'old$i@shop' WHERE id = $((i * 7 % 8000 + 1))" 2>>"$tmp/errors"
		echo >>"$tmp/written"
	done
}
written() { wc -l <"$tmp/written"; }
wrote_since() { [ "$(written)" -gt $(($1 + 2)) ]; }
old_writer_ends() {
	rm "$tmp/open"
	wait "$old"
	is "$(cat "$tmp/errors")" '' 'no writer had an error'
}
