# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# sync: the backfill while a sync trigger watches, against one UPDATE under the same one.
title='backfill with the sync trigger on, against one UPDATE with it'
template_items items "$rows"
migration "$add_label" "$fill_label" 'sync:forward allow:sync-null:"the benchmark writes none"'
title="$title ($(path_taken))"

run_update() { fresh items && expand && psql_says update item "$fill_label"; }
run_sweep() { fresh items && expand && backfill sweep item; }

compete update sweep
figure 'time ÷ one UPDATE' "$(ratio seconds sweep update)" '<=' 0.45
figure 'WAL ÷ one UPDATE' "$(ratio wal sweep update)" '<=' 0.65
figure 'table after ÷ before' "$(median sweep growth)" '<=' 1.30
