# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# growth: a backfill costs the same for every row, however many there are. By its own
# record: to start a run and to end it costs the same for any table.
title='rows a second as the table grows'
rate() { sql "SELECT $1 / extract(epoch FROM max(finished_at) - min(started_at)) FROM pgstride.backfills"; }
sizes="$((rows / 4)) $((rows / 2)) $rows $((rows * 2))"
for size in $sizes; do
	template_items "items_$size" "$size"
	eval "run_$size() { fresh items_$size && backfill $size item && sample $size rate \$(rate $size); }"
done
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

# shellcheck disable=SC2086 # a list of words
compete $sizes
rates=$(for size in $sizes; do median "$size" rate; done | sort -g)
figure 'slowest ÷ fastest of four sizes' "$(calc "$(head -n 1 <<<"$rates") / $(tail -n 1 <<<"$rates")")" '>=' 0.85
for size in $sizes; do
	beside "rows/s, $size rows" "$(median "$size" rate)"
done
