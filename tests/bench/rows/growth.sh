# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# growth: a backfill costs the same for every row, however many there are. By its own
# record: to start a run and to end it costs the same for any table. A round fills as
# many rows of each size, so that whatever else the machine does is felt by all alike:
# the small tables again and again, in between.
title='rows a second as the table grows'
took() { sql 'SELECT extract(epoch FROM max(finished_at) - min(started_at)) FROM pgstride.backfills'; }
sizes="$((rows / 4)) $((rows / 2)) $rows $((rows * 2))"
order=
for part in 1 2 3 4 5 6 7 8; do
	every=1
	for size in $sizes; do
		((part % every)) || order+=" $size"
		every=$((every * 2))
	done
done
for size in $sizes; do
	template_items "items_$size" "$size"
	eval "run_$size() { fresh items_$size && backfill $size item && sample $size took \$(took); }"
done
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

# shellcheck disable=SC2086 # a list of words
compete $order
# rate SIZE: the middle one of the rounds.
rate() {
	awk -v size="$1" '$2 == size && $3 == "took" { filled[$1] += size; took[$1] += $4 }
		END { for (r in took) print filled[r] / took[r] }' "$samples" | sort -g | awk "$middle"
}
# beside_least SIZE: the middle one of its rates ÷ that of the smallest in the same round.
beside_least() {
	awk -v size="$1" -v least="${sizes%% *}" '$3 == "took" { filled[$1, $2] += $2; took[$1, $2] += $4; rounds[$1] }
		END { for (r in rounds) print filled[r, size] / took[r, size] * took[r, least] / filled[r, least] }' "$samples" | sort -g | awk "$middle"
}
shares=$(for size in $sizes; do beside_least "$size"; done | sort -g)
figure 'slowest ÷ fastest of four sizes' "$(calc "$(head -n 1 <<<"$shares") / $(tail -n 1 <<<"$shares")")" '>=' 0.85
for size in $sizes; do
	beside "rows/s, $size rows" "$(rate "$size")"
done
