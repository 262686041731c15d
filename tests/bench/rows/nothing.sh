# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# nothing: what a pod pays at its start when there is nothing to do.
title='up with nothing to do, 1,000 migrations applied; start to exit'
# shellcheck source=tests/bench/thousand.sh
. "$here/thousand.sh"
template empty
mapfile -t peers < <(thousand_peers)

# Applied once, before the first round; psql's part is to read what is applied.
for tool in stride "${peers[@]}"; do
	fresh empty
	thousand_"$tool"
	export PGDATABASE=postgres
	sql "DROP DATABASE IF EXISTS kept_$tool"
	sql "ALTER DATABASE bench RENAME TO kept_$tool"
	eval "run_$tool() { kept $tool && thousand_$tool; }"
done
: >"$samples"
kept() {
	export PGDATABASE=kept_$1
	export PGSTRIDE_DATABASE="host=$server port=5432 user=postgres dbname=kept_$1"
}
run_status() { kept stride && timed status "$pgstride_binary" status --dir "$thousand/native"; }
run_psql() { kept stride && timed psql psql -XAtq -c 'SELECT version FROM pgstride.migrations'; }

compete stride status psql "${peers[@]}"
figure 'time' "$(calc "$(median stride seconds) * 1000")" '<=' 50 ms
figure 'memory' "$(median stride mb)" '<=' 20 MB
figure 'time of status' "$(calc "$(median status seconds) * 1000")" '<=' 50 ms
beside 'time ÷ psql that reads the versions' "$(ratio seconds stride psql)"
for tool in "${peers[@]}"; do
	beside "time ÷ $tool" "$(ratio seconds stride "$tool")"
	beside "memory ÷ $tool" "$(ratio mb stride "$tool")"
done
