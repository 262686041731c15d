# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# table.sh: what bench.sh prints and writes.

# The settings that decide what a benchmark means; the same for all who compete.
settings_shown='shared_buffers fsync synchronous_commit full_page_writes wal_level max_wal_size autovacuum checkpoint_timeout'

table_head() {
	echo "$(machine) · PostgreSQL $(sql 'SHOW server_version') · $(if extension; then echo 'with the server extension'; else echo 'NO EXTENSION on this server'; fi)"
	for name in $settings_shown; do printf '%s %s · ' "$name" "$(sql "SHOW $name")"; done | sed 's/ · $/\n/'
	echo "tables of $rows rows, median of $rounds rounds, in turn, a checkpoint before each"
	echo
	printf '%-11s %-55s %10s %10s  %s\n' benchmark figure measured 'must be' verdict
}

table_row() {
	jq -r 'def shown: if . == null then "–" elif . >= 100 then (round | tostring) else (. * 100 | round / 100 | tostring) end;
	       def unit($u): if $u == "" then "" else " " + $u end;
	       def left($width): . + " " * ([$width - length, 0] | max);
	       def right($width): " " * ([$width - length, 0] | max) + .;
	       def line($what; $measured; $bar; $verdict):
	         "            " + ($what | left(56)) + ($measured | right(10)) + " " + ($bar | right(10)) + "  " + $verdict;
	       (.name | left(12)) + .title,
	       (if .skipped then "            SKIPPED: " + .skipped else empty end),
	       (if .broken then "            BROKEN: " + .broken else empty end),
	       (.figures[] | line(.what; (.value | shown) + unit(.unit);
	         if .bar == null then "" else (if .op == "<=" then "≤ " else "≥ " end) + (.bar | shown) + unit(.unit) end;
	         {reached: "reached", missed: "MISSED", beside: "", broken: "BROKEN"}[.verdict]))' "$1" | sed 's/ *$//'
}

table_foot() {
	local counts
	counts=$(jq -rs '[.[].figures[].verdict] | "\(map(select(. == "reached")) | length) bars reached, \(map(select(. == "missed")) | length) missed"' "$figures")
	echo
	[ ! -s "$notes" ] || { sort -u "$notes"; echo; }
	echo "$counts, $(jq -s 'map(select(.skipped)) | length' "$figures") benchmarks skipped, in $((SECONDS / 60)) min $((SECONDS % 60)) s"
}

json_all() {
	for name in $settings_shown; do printf '%s\t%s\n' "$name" "$(sql "SHOW $name")"; done >"$bench_tmp/settings"
	jq -n --arg machine "$(machine)" --arg server "PostgreSQL $(sql 'SHOW server_version')" --argjson extension "$(extension && echo true || echo false)" \
		--argjson rows "$rows" --argjson rounds "$rounds" --argjson traffic "$seconds" --argjson took $SECONDS \
		--argjson load "$(cut -d' ' -f3 /proc/loadavg)" --arg at "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --rawfile settings "$bench_tmp/settings" --rawfile notes "$notes" --slurpfile benchmarks "$figures" \
		'{schema: 1, at: $at, machine: $machine, load: $load, server: $server, extension: $extension, rows: $rows, rounds: $rounds, traffic_s: $traffic, took_s: $took,
		  settings: ($settings | split("\n") | map(select(. != "") | split("\t") | {(.[0]): .[1]}) | add),
		  notes: ($notes | split("\n") | map(select(. != ""))), benchmarks: $benchmarks}'
}
