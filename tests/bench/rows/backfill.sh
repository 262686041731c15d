# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# backfill: every row of a table, by the sweep in the server, against one UPDATE.
title='backfill by the extension, sync off, against one UPDATE'
extension_offers sweep || skip_benchmark 'no extension on this server, or none with a sweep'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off

run_update() { fresh items && psql_says update item "$add_label" "$fill_label"; }
run_one() { fresh items && backfill one item; }
run_two() { fresh items && backfill two item --workers 2; }

compete update one two
figure 'time ÷ one UPDATE, 1 worker' "$(ratio seconds one update)" '<=' 0.33
figure 'time ÷ one UPDATE, 2 workers' "$(ratio seconds two update)" '<=' 0.22
figure 'WAL ÷ one UPDATE' "$(ratio wal one update)" '<=' 0.60
figure 'table after ÷ before' "$(median one growth)" '<=' 1.30
beside 'table after ÷ before, one UPDATE' "$(median update growth)"
