# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# foreground: what four clients at a fixed rate feel while a throttled backfill runs. It
# is held and let go in turn under the same traffic: a turn with it is compared with the
# one without it before, and what counts is the middle one of all turns. The slowest
# hundredth is what the disk does, which changes from second to second: against itself,
# three rounds of 4 s turns say anything from 0.7 to 1.4, the same time in turns of 1.5 s
# 0.86 to 1.17.
title='p99 of 4 clients at a fixed rate, during a throttled backfill against none'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

# A sweep that the server makes goes on for a quarter of a second: until then, nothing
# counts.
turn_s=1.5 settle_s=0.4 turns=$((seconds * 5 / 6 + 1))

# behind [FLAG...]: a backfill that goes by FLAGs, and has begun.
behind() {
	fresh items
	"$pgstride_binary" up -q --yes --dir "$migrations" "$@" >"$bench_tmp/out" 2>"$bench_tmp/err" &
	behind=$!
	until [ "$(sql 'SELECT max(batches) FROM pgstride.backfills' 2>/dev/null || :)" ]; do
		[ -d "/proc/$behind" ] || { cat "$bench_tmp/err" >&2; return 1; }
		sleep 0.1
	done
}
behind_ends() {
	sample "$1" outlasted "$([ -d "/proc/$behind" ] && echo 1 || echo 0)"
	kill -INT "$behind" 2>/dev/null || :
	wait "$behind" || :
	sample "$1" rows "$(sql 'SELECT max(rows_done) FROM pgstride.backfills')"
}

# Not within a transaction: its rows would be felt all the time.
hold() {
	let_go
	kill -STOP "$behind" 2>/dev/null || return 0
	sleep 0.1
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgstride%' AND state LIKE 'idle in%'")" = 0 ] || hold
}
let_go() { kill -CONT "$behind" 2>/dev/null || :; }

# Holds it and lets it go; "BEGAN ENDED CONTESTANT TURN" for what counts of each.
in_turn() {
	local turn name
	for turn in $(seq -w "$turns"); do
		for name in alone throttled; do
			if [ $name = alone ]; then hold; else let_go; fi
			sleep "$settle_s"
			printf '%s ' "$EPOCHREALTIME"
			sleep "$(calc "$turn_s - $settle_s")"
			echo "$EPOCHREALTIME $name $turn"
		done
	done
}
run_throttled() {
	behind --max-share 5
	in_turn >"$bench_tmp/turns" &
	traffic both "$(calc "int($turns * (2 * $turn_s + 0.5))")"
	wait $!
	behind_ends throttled
	local began ended name turn
	while read -r began ended name turn; do
		# A transaction belongs to the turn in which it should have begun.
		round=$round.$turn sample "$name" p99 "$(cat "$bench_tmp"/latency.* | awk -v began="$began" -v ended="$ended" \
			'{ due = $5 + ($6 - $3) / 1e6 } due >= began && due < ended { print $3 / 1000 }' | percentile 99)"
	done <"$bench_tmp/turns"
}
run_full() { behind && traffic full && behind_ends full; }

compete throttled full
# Whoever ended early was felt for a part of the time only: that is no figure.
if awk '$2 == "throttled" && $3 == "outlasted" && $4 == 0 { early = 1 } END { exit !early }' "$samples"; then
	echo "$benchmark: the backfill ended before the traffic did; take more rows" >>"$notes"
	figure 'p99 during it ÷ p99 without' null '<=' 1.25
else
	figure 'p99 during it ÷ p99 without' "$(ratio p99 throttled alone)" '<=' 1.25
fi
beside 'p99 without any' "$(median alone p99)" ms
beside 'p99 during it' "$(median throttled p99)" ms
beside 'rows filled a second meanwhile' "$(calc "$(median throttled rows) / ($turns * $turn_s)")"
beside 'p99 during one that is not throttled ÷ p99 without' "$(calc "$(median full p99) / $(median alone p99)")"
