# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Writers of either age go on through expand and backfill; both sides stay level.
phases() {
	local old new
	shop
	go up --to 20260101 >/dev/null 2>&1
	people 8000
	: >"$tmp/errors"
	touch "$tmp/open"
	(
		for ((i = 1; ; i++)); do
			[ -e "$tmp/open" ] || break
			engine_query "UPDATE people SET email = 'old$i@shop' WHERE id = $((i * 7 % 8000 + 1))" 2>>"$tmp/errors"
		done
	) &
	old=$!
	exits 0 'up, with a writer beside it' go up --yes
	(
		for ((i = 1; i <= 20; i++)); do
			engine_query "UPDATE people SET new_email = 'new$i@shop' WHERE id = $((i * 11))" 2>>"$tmp/errors"
		done
	) &
	new=$!
	wait $new
	rm "$tmp/open"
	wait $old
	is "$(cat "$tmp/errors")" '' 'no writer had an error'
	like "$(go history)" 'backfill .* [0-9],[0-9]+ rows' 'history keeps how many rows were filled'
	[ "$sync" != off ] || return 0 # rows of old code are the application's to fill
	is "$(engine_query 'SELECT count(*) FROM people WHERE new_email = email')" 8000 'both columns are level'
	engine_query "INSERT INTO people (id, email) VALUES (9001, 'late@shop')"
	is "$(engine_query 'SELECT new_email FROM people WHERE id = 9001')" late@shop 'a row of old code is filled'
	exits 0 'contract' go contract --yes
	is "$(engine_query 'SELECT email FROM people WHERE id = 9001')" late@shop 'keeps it'
	unlike "$(engine_tables)" 'trigger' 'no sync trigger is left'
}
