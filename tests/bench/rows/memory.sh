# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# memory: of the client, which must not know how large a table is.
title='memory of the client as the table grows'
small=$((rows / 4)) large=$((rows * 2))
for size in "$small" "$large"; do
	template "narrow_$size" 'CREATE TABLE item (id bigint, n bigint)' \
		"INSERT INTO item SELECT i, i FROM generate_series(1, $size) i" 'VACUUM (FREEZE, ANALYZE) item'
	eval "run_$size() { fresh narrow_$size && backfill $size item; }"
done
migration "$add_label" "$fill_label" sync:off
title="$title ($(path_taken))"

compete "$small" "$large"
figure "largest resident set, $large rows ÷ $small rows" "$(ratio mb "$large" "$small")" '<=' 1.1
beside "largest resident set, $large rows" "$(median "$large" mb)" MB
