# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# apply: 1,000 migrations of one statement, against one psql that runs the statements.
title='1,000 one-statement migrations, against one psql session, a transaction each'
# shellcheck source=tests/bench/thousand.sh
. "$here/thousand.sh"
template empty
mapfile -t peers < <(thousand_peers)

for tool in stride psql "${peers[@]}"; do
	eval "run_$tool() { fresh empty && thousand_$tool; }"
done

compete stride psql "${peers[@]}"
figure 'time ÷ psql' "$(ratio seconds stride psql)" '<=' 1.2
for tool in "${peers[@]}"; do
	beside "time ÷ $tool" "$(ratio seconds stride "$tool")"
done
