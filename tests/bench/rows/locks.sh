# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# locks: how long the application waits because of DDL, while a reader of 6 s is in its way.
title='longest wait of an application during DDL, a reader of 6 s in the way'
keys=$((rows / 5))
template_items items_few "$keys"
change='ALTER TABLE item ADD COLUMN label text'
budget_ms=100

rm -rf "$migrations"
mkdir "$migrations"
printf -- '-- migrate:up\n%s;\n' "$change" >"$migrations/1_label.sql"

retries() {
	until psql -XAtq -v ON_ERROR_STOP=1 -c "SET lock_timeout = '500ms'" -c "$change" 2>/dev/null; do sleep 0.5; done
}
stride() { "$pgstride_binary" up -q --yes --dir "$migrations" --max-stall "${budget_ms}ms" >"$bench_tmp/out" 2>"$bench_tmp/err"; }

# The traffic begins, then the reader, then the change.
against() {
	local contestant=$1
	shift
	fresh items_few
	(sleep 0.5 && exec psql -XAtq -c 'BEGIN' -c 'SELECT FROM item LIMIT 1' -c 'SELECT pg_sleep(6)' -c 'COMMIT') >/dev/null &
	(sleep 1 && "$@") &
	local change=$!
	traffic "$contestant" 9
	wait "$change"
}
run_stride() { against stride stride; }
run_retries() { against retries retries; }

compete stride retries
figure 'longest wait, budget 100 ms' "$(median stride worst)" '<=' $((budget_ms + 50)) ms
figure 'longest wait ÷ that of lock_timeout retries' "$(ratio worst stride retries)" '<=' 0.2
beside 'longest wait, lock_timeout 500 ms, tried again' "$(median retries worst)" ms
