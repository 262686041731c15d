# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# trigger: what a write costs while a sync trigger keeps the new column level.
title='writes under the sync trigger, a plain copy of a column'
extension_offers sync || skip_benchmark 'no extension on this server, or none with a sync trigger'
count=$((rows / 2))
template counted "CREATE TABLE item (id bigint PRIMARY KEY, n bigint, note text) WITH (fillfactor = 45);
	INSERT INTO item SELECT i, i, repeat('x', 60) FROM generate_series(1, $count) i" 'VACUUM (FREEZE, ANALYZE) item'
migration 'ALTER TABLE item ADD COLUMN m bigint' 'UPDATE item SET m = n WHERE m IS NULL' 'sync:forward allow:sync-null:"the benchmark writes none"'

write='UPDATE item SET n = n + 1'
run_none() { fresh counted && sql 'ALTER TABLE item ADD COLUMN m bigint' && psql_says none item "$write"; }
run_plpgsql() { fresh counted bare && expand && psql_says plpgsql item "$write"; }
run_extension() { fresh counted && expand && psql_says extension item "$write"; }

compete none plpgsql extension
figure 'time ÷ without a trigger' "$(ratio seconds extension none)" '<=' 1.15
figure 'overhead ÷ that of the trigger in PL/pgSQL' \
	"$(calc "($(ratio seconds extension none) - 1) / ($(ratio seconds plpgsql none) - 1)")" '<=' 0.5
beside 'time ÷ without, PL/pgSQL' "$(ratio seconds plpgsql none)"
