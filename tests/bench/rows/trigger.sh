# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# trigger: what a write costs while a sync trigger keeps the new column level. What the
# application feels are its clients' transactions; in one UPDATE of every row the server
# spends more on having any trigger (it locks each row first) than on what ours does.
title='writes under the sync trigger, a plain copy of a column'
extension_offers sync || skip_benchmark 'no extension on this server, or none with a sync trigger'
count=$rows
template counted "CREATE TABLE item (id bigint PRIMARY KEY, n bigint, note text) WITH (fillfactor = 45);
	INSERT INTO item SELECT i, i, repeat('x', 60) FROM generate_series(1, $count) i" 'VACUUM (FREEZE, ANALYZE) item'
migration 'ALTER TABLE item ADD COLUMN m bigint' 'UPDATE item SET m = n WHERE m IS NULL' 'sync:forward allow:sync-null:"the benchmark writes none"'
printf '%s\n' "\\set id random(1, $count)" 'UPDATE item SET n = n + 1 WHERE id = :id;' >"$bench_tmp/write.sql"

# write CONTESTANT: four clients write a row at a time, and wait for no disk; then one
# statement writes all.
write() {
	timed "$1" env PGOPTIONS='-c synchronous_commit=off' pgbench -n -c 4 -j 2 -t 10000 -f "$bench_tmp/write.sql"
	psql_says "$1_all" item 'UPDATE item SET n = n + 1'
}
run_none() { fresh counted && sql 'ALTER TABLE item ADD COLUMN m bigint' && write none; }
run_plpgsql() { fresh counted bare && expand && write plpgsql; }
run_extension() { fresh counted && expand && write extension; }

compete none plpgsql extension
figure 'time of 4 clients ÷ without a trigger' "$(ratio seconds extension none)" '<=' 1.15
ours=$(ratio seconds extension_all none_all) plpgsql=$(ratio seconds plpgsql_all none_all)
if [ "$(calc "($plpgsql > 1.1)")" = 1 ]; then
	figure 'overhead in one UPDATE ÷ that of the trigger in PL/pgSQL' "$(calc "($ours - 1) / ($plpgsql - 1)")" '<=' 0.5
else
	echo "$benchmark: the UPDATE is over too soon to tell what a trigger costs; take more rows" >>"$notes"
fi
beside 'time of 4 clients ÷ without, PL/pgSQL' "$(ratio seconds plpgsql none)"
beside 'time of one UPDATE ÷ without' "$ours"
beside 'time of one UPDATE ÷ without, PL/pgSQL' "$plpgsql"
