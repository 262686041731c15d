# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# foreground: what four clients at a fixed rate feel while a throttled backfill runs. It
# is held and let go in turn, some seconds each, under the same traffic: a turn with it is
# compared with the one without it before, and what counts is the middle one of all turns.
title='p99 of 4 clients at a fixed rate, during a throttled backfill against none'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"
hold=$bench_tmp/hold

# A held backfill looks once a second whether it may go on: until then, nothing counts.
turn_s=4 settle_s=1.2 turns=$(((seconds + 2) / 3))

# behind [FLAG...]: a backfill that goes by FLAGs, and has begun.
behind() {
	fresh items
	rm -f "$hold"
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

# Holds it and lets it go; "BEGAN ENDED CONTESTANT TURN" for what counts of each.
in_turn() {
	local turn name
	for turn in $(seq "$turns"); do
		for name in alone throttled; do
			if [ $name = alone ]; then touch "$hold"; else rm -f "$hold"; fi
			sleep "$settle_s"
			printf '%s ' "$EPOCHREALTIME"
			sleep "$(calc "$turn_s - $settle_s")"
			echo "$EPOCHREALTIME $name $turn"
		done
	done
}
run_throttled() {
	behind --max-share 5 --throttle-file "$hold"
	in_turn >"$bench_tmp/turns" &
	traffic both $((turns * 2 * turn_s))
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
