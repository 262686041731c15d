# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# growth: a backfill costs the same for every row, however many there are.
title='rows a second as the table grows'
sizes="$((rows / 4)) $((rows / 2)) $rows $((rows * 2))"
for size in $sizes; do
	template_items "items_$size" "$size"
	eval "run_$size() { fresh items_$size && backfill $size item && sample $size rate \$(calc \"$size / \$(cut -d' ' -f1 \"\$bench_tmp/took\")\"); }"
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
