# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# client: every row of a table, by plain SQL from the client, against one UPDATE and others.
title='backfill without the extension, sync off, against one UPDATE'
template_items items "$rows"
migration "$add_label" "$fill_label" sync:off

run_update() { fresh items bare && psql_says update item "$add_label" "$fill_label"; }
run_client() { fresh items bare && backfill client item; }

# What people write by hand: batches in the order of the key.
batches="DO \$\$
DECLARE
	after uuid := '00000000-0000-0000-0000-000000000000';
BEGIN
	LOOP
		WITH batch AS (SELECT id FROM item WHERE id > after ORDER BY id LIMIT 5000),
		     done AS (UPDATE item SET label = 'item ' || n FROM batch WHERE item.id = batch.id AND label IS NULL)
		SELECT id INTO after FROM batch ORDER BY id DESC LIMIT 1;
		EXIT WHEN after IS NULL;
		COMMIT;
	END LOOP;
END \$\$"
run_loop() { fresh items bare && psql_says loop item "$add_label" "$batches"; }

run_pgroll() {
	fresh items bare
	echo '{"operations": [{"add_column": {"table": "item", "column": {"name": "label", "type": "text", "nullable": true}, "up": "'"'item ' || n"'"}}]}' >"$bench_tmp/01_label.json"
	PGROLL_PG_URL="postgres://postgres@/bench?host=$server" pgroll init >/dev/null 2>&1
	PGROLL_PG_URL="postgres://postgres@/bench?host=$server" measured pgroll item pgroll start "$bench_tmp/01_label.json"
}

mapfile -t peers < <(! peer pgroll || echo pgroll)
compete update client loop "${peers[@]}"
figure 'time ÷ one UPDATE, 1 worker' "$(ratio seconds client update)" '<=' 0.55
figure 'WAL ÷ one UPDATE' "$(ratio wal client update)" '<=' 0.65
figure 'table after ÷ before' "$(median client growth)" '<=' 1.36
beside 'time ÷ a PL/pgSQL loop of batches' "$(ratio seconds client loop)"
beside 'WAL ÷ a PL/pgSQL loop of batches' "$(ratio wal client loop)"
for peer in "${peers[@]}"; do
	beside "time ÷ $peer" "$(ratio seconds client "$peer")"
	beside "WAL ÷ $peer" "$(ratio wal client "$peer")"
done
