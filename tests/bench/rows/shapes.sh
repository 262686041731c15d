# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# shapes: tables on which a sweep has little to gain, or an UPDATE little to lose; large
# enough that what a run costs by itself does not decide.
title='backfill of awkward tables, against one UPDATE'
count=$((rows / 2))
title="$title ($(path_taken))"
fill='ALTER TABLE item ADD COLUMN label text'
set_label="UPDATE item SET label = 'item ' || n WHERE label IS NULL AND wanted"
columns='id bigint PRIMARY KEY, n bigint, a int, b int, note text, wanted boolean'
row="i, i, (random() * 1e9)::int, (random() * 1e9)::int"

template narrow "CREATE TABLE item ($columns); INSERT INTO item SELECT $row, repeat('x', 60), true FROM generate_series(1, $count) i" \
	'CREATE INDEX ON item (a)' 'CREATE INDEX ON item (b)' 'VACUUM (FREEZE, ANALYZE) item'
template wide "CREATE TABLE item ($columns); ALTER TABLE item ALTER note SET STORAGE EXTERNAL;
	INSERT INTO item SELECT $row, repeat('x', CASE WHEN i % 2 = 0 THEN 1900 ELSE 2100 END), true FROM generate_series(1, $count / 4) i" \
	'CREATE INDEX ON item (a)' 'VACUUM (FREEZE, ANALYZE) item'
template roomy "CREATE TABLE item ($columns) WITH (fillfactor = 70); INSERT INTO item SELECT $row, repeat('x', 60), true FROM generate_series(1, $count) i" \
	'CREATE INDEX ON item (a)' 'VACUUM (FREEZE, ANALYZE) item'
template sparse "CREATE TABLE item ($columns); INSERT INTO item SELECT $row, repeat('x', 60), i % 5 = 0 FROM generate_series(1, $count * 2) i" \
	'CREATE INDEX ON item (a)' 'VACUUM (FREEZE, ANALYZE) item'
migration "$fill" "$set_label" sync:off

for shape in narrow wide roomy sparse; do
	eval "run_update_$shape() { fresh $shape && psql_says update_$shape item \"\$fill\" \"\$set_label\"; }
	      run_sweep_$shape() { fresh $shape && backfill sweep_$shape item; }"
done

compete {update,sweep}_narrow {update,sweep}_wide {update,sweep}_roomy {update,sweep}_sparse
while read -r shape words; do
	figure "time ÷ one UPDATE, $words" "$(ratio seconds "sweep_$shape" "update_$shape")" '<=' 1.1
	figure "table ÷ that after one UPDATE, $words" "$(ratio growth "sweep_$shape" "update_$shape")" '<=' 1
done <<-END
	narrow narrow random keys
	wide rows of 2 kB, half TOASTed
	roomy fillfactor 70
	sparse 20 % of rows to fill
END
