# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# inherited: a folder of golang-migrate's as it is, its history written beside ours,
# against one psql that runs the same files, a transaction each.
title='346 files of golang-migrate, 1.5 statements each, against one psql session'
files=346
folder=$bench_tmp/inherited
mkdir -p "$folder"
for number in $(seq $((1000 + 1)) $((1000 + files))); do
	text="CREATE TABLE t$number (id bigint PRIMARY KEY, note text);"
	[ $((number % 2)) = 0 ] || text="$text"$'\n'"CREATE INDEX t${number}_note ON t$number (note);"
	echo "$text" >"$folder/${number}_t.up.sql"
	echo "DROP TABLE t$number;" >"$folder/${number}_t.down.sql"
	printf 'BEGIN;\n%s\nCOMMIT;\n' "$text" >>"$folder.sql"
done
template empty

run_stride() { fresh empty && timed stride "$pgstride_binary" up -q --yes --dir "$folder"; }
run_psql() { fresh empty && timed psql psql -XAtq -v ON_ERROR_STOP=1 -f "$folder.sql"; }
rivals=()
if peer migrate; then
	rivals=(migrate)
	run_migrate() { fresh empty && timed migrate migrate -path "$folder" -database "postgres://postgres@/$PGDATABASE?host=$server&sslmode=disable" up; }
fi

compete stride psql "${rivals[@]}"
figure 'time ÷ psql' "$(ratio seconds stride psql)" '<=' 1.2
for tool in "${rivals[@]}"; do beside "time ÷ $tool" "$(ratio seconds stride "$tool")"; done
