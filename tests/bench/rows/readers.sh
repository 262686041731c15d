# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# readers: the backfill while three others always hold a snapshot, so that pages are
# pruned only behind the oldest of them.
title='backfill with three overlapping readers, against one UPDATE'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

# among READER_SECONDS command...: the three begin a third of their time apart.
among() {
	local length=$1 readers=() each
	shift
	for each in 0 1 2; do
		{ sleep "$(calc "$each * $length / 3")"; exec psql -XAtq; } < <(yes "SELECT pg_sleep($length);") >/dev/null 2>&1 &
		readers+=($!)
	done
	sleep "$length"
	"$@"
	kill "${readers[@]}" 2>/dev/null || :
	wait "${readers[@]}" 2>/dev/null || :
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(%'" >/dev/null
}
run_update() { fresh items && among 0.3 psql_says update item "$add_label" "$fill_label"; }
run_sweep() { fresh items && among 0.3 backfill sweep item; }
run_update_long() { fresh items && among 3 psql_says update_long item "$add_label" "$fill_label"; }
run_sweep_long() { fresh items && among 3 backfill sweep_long item; }

compete update sweep update_long sweep_long
figure 'time ÷ one UPDATE, readers of 0.3 s' "$(ratio seconds sweep update)" '<=' 0.60
figure 'WAL ÷ one UPDATE, readers of 0.3 s' "$(ratio wal sweep update)" '<=' 0.75
figure 'table after ÷ before, readers of 0.3 s' "$(median sweep growth)" '<=' 1.50
figure 'time ÷ one UPDATE, readers of 3 s' "$(ratio seconds sweep_long update_long)" '<=' 1
beside 'table after ÷ before, readers of 3 s' "$(median sweep_long growth)"
