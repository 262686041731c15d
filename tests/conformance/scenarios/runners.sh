# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Two at once: one works, the other waits, and finds nothing left to do.
runners() {
	local first second
	shop
	go up --to 20260101 >/dev/null 2>&1
	people 20000
	go up --yes >"$tmp/first" 2>&1 &
	first=$!
	go up --yes >"$tmp/second" 2>&1 &
	second=$!
	wait $first
	is $? 0 'one of two runners' "$(cat "$tmp/first")"
	wait $second
	is $? 0 'and the other' "$(cat "$tmp/second")"
	is "$(engine_query "SELECT count(*) FROM ${own}events WHERE kind = 'step' AND version = '20260201' AND phase = 'expand'")" \
		"$(engine_query "SELECT count(*) FROM ${own}steps WHERE version = '20260201' AND phase = 'expand'")" \
		'every step was done once'
	is "$(engine_query 'SELECT count(*) FROM people WHERE new_email = email')" 20000 'and every row filled'
}
