# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# foreground: what four clients at a fixed rate feel while a throttled backfill runs, all
# the time that they are measured.
title='p99 of 4 clients at a fixed rate, during a throttled backfill against none'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

# during CONTESTANT [FLAG...]: the traffic, with a backfill under it that goes by FLAGs.
during() {
	local contestant=$1 behind
	shift
	fresh items
	"$pgstride_binary" up -q --yes --dir "$migrations" "$@" >"$bench_tmp/out" 2>"$bench_tmp/err" &
	behind=$!
	until [ "$(sql 'SELECT max(batches) FROM pgstride.backfills' 2>/dev/null || :)" ]; do
		[ -d "/proc/$behind" ] || { cat "$bench_tmp/err" >&2; return 1; }
		sleep 0.1
	done
	traffic "$contestant"
	sample "$contestant" outlasted "$([ -d "/proc/$behind" ] && echo 1 || echo 0)"
	kill -INT "$behind" 2>/dev/null || :
	wait "$behind" || :
	sample "$contestant" rows "$(sql 'SELECT max(rows_done) FROM pgstride.backfills')"
}
run_alone() { fresh items && traffic alone; }
run_throttled() { during throttled --max-share 5 --batch-time 20ms; }
run_full() { during full; }

compete alone throttled full
# Whoever ended early was felt for a part of the time only: that is no figure.
if awk '$2 == "throttled" && $3 == "outlasted" && $4 == 0 { early = 1 } END { exit !early }' "$samples"; then
	echo "$benchmark: the backfill ended before the traffic did; take more rows" >>"$notes"
	figure 'p99 during it ÷ p99 without' null '<=' 1.25
else
	figure 'p99 during it ÷ p99 without' "$(ratio p99 throttled alone)" '<=' 1.25
fi
beside 'p99 without any' "$(median alone p99)" ms
beside 'p99 during it' "$(median throttled p99)" ms
beside 'rows filled a second meanwhile' "$(calc "$(median throttled rows) / $seconds")"
beside 'p99 during one that is not throttled ÷ p99 without' "$(ratio p99 full alone)"
