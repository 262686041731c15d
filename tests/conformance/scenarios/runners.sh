# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Two at once: one works, the other waits, and finds nothing left to do.
runners() {
	local second
	shop
	go up --to 20260101 >/dev/null 2>&1
	people 20000
	midway 'one in the middle of its backfill'
	exits 5 'who does not want to wait for it' go up --yes --no-wait
	like "$err" 'another run of pgstride is at work on component "main"' 'is told so'
	"$pgstride_binary" up --yes --database "$url" --dir "$folder" >"$tmp/second" 2>&1 &
	second=$!
	holds 'who does is told for whom' wait_until grep -q 'waiting for another run' "$tmp/second"
	goes_on
	ended 'one of two runners'
	wait $second
	is $? 0 'and the other' "$(cat "$tmp/second")"
	like "$(cat "$tmp/second")" 'nothing to apply' 'finds nothing left to do'
	is "$(engine_query "SELECT count(*) FROM ${own}events WHERE kind = 'step' AND version = '20260201' AND phase = 'expand'")" \
		"$(engine_query "SELECT count(*) FROM ${own}steps WHERE version = '20260201' AND phase = 'expand'")" \
		'every step was done once'
	is "$(engine_query 'SELECT count(*) FROM people WHERE new_email = email')" 20000 'and every row filled'
	is "$(engine_query "SELECT sum(rows_done) FROM ${own}backfills")" 20000 'once'
}
