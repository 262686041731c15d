# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# foreground: what four clients at a fixed rate feel while a throttled backfill runs.
title='p99 of 4 clients at a fixed rate, during a throttled backfill against none'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

run_alone() { fresh items && traffic alone; }
run_backfill() {
	fresh items
	"$pgstride_binary" up -q --yes --dir "$migrations" --batch-time 10ms --max-wal-rate 8MB >"$bench_tmp/out" 2>"$bench_tmp/err" &
	local behind=$!
	until [ "$(sql 'SELECT max(batches) FROM pgstride.backfills' 2>/dev/null || :)" ]; do
		[ -d "/proc/$behind" ] || { cat "$bench_tmp/err" >&2; return 1; }
		sleep 0.1
	done
	traffic backfill
	[ -d "/proc/$behind" ] || echo "$benchmark: the backfill ended before the traffic did; take more rows" >>"$notes"
	kill -INT "$behind" 2>/dev/null || :
	wait "$behind" || :
	sample backfill rows "$(sql 'SELECT max(rows_done) FROM pgstride.backfills')"
}

compete alone backfill
figure 'p99 during it ÷ p99 without' "$(ratio p99 backfill alone)" '<=' 1.25
beside 'p99 during it' "$(median backfill p99)" ms
beside 'rows filled a second meanwhile' "$(calc "$(median backfill rows) / $seconds")"
