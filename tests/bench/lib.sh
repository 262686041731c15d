# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# lib.sh: what the benchmarks share. bench.sh sources it; rows/NAME.sh is one benchmark.
#
# A benchmark sets `title`, then calls, in this order:
#   template NAME SQL...           a database that every round copies
#   compete CONTESTANT...          runs the functions run_CONTESTANT in turn, $rounds times
#   figure WHAT VALUE OP BAR       a line of the table, judged;  beside WHAT VALUE: not judged
# or `skip_benchmark WHY`. A contestant calls `fresh TEMPLATE` and `measured ...`.

# The environment of whoever runs this decides nothing.
for name in "${!PG@}"; do [ "$name" = PGSTRIDE ] || unset "$name"; done
unset DSN DB_DSN TALOS_DB_DSN DATABASE_URL
export LC_ALL=C.UTF-8

bench_tmp=$(mktemp -d /tmp/pgsbench.XXXXXX)
chmod 755 "$bench_tmp"
server=$bench_tmp/server pg_sh=$root/tests/servers/pg.sh
measure=$root/build/tests/measure
pgstride_binary=${PGSTRIDE:-$root/build/pgstride}
migrations=$bench_tmp/migrations
samples=$bench_tmp/samples figures=$bench_tmp/figures notes=$bench_tmp/notes
: >"$figures"
: >"$notes"

# Everything started here ends here.
clean_up() {
	trap - EXIT
	quiet_down
	"$pg_sh" stop "$server" immediate || :
	rm -rf "$bench_tmp"
}
quiet_down() {
	local pids pid
	pids=$(jobs -p)
	# A shell ends only when the program ends that it waits for.
	for pid in $pids; do
		pkill -TERM -P "$pid" || :
		kill "$pid" 2>/dev/null || :
		kill -CONT "$pid" 2>/dev/null || :
	done
	wait
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# --- the server --------------------------------------------------------------------------

# As one would have it in production, but for autovacuum, which would come in some rounds
# and not in others, and timed checkpoints: each round begins right behind one instead.
server_settings=('shared_buffers = 512MB' 'fsync = on' 'synchronous_commit = on' 'full_page_writes = on'
	'wal_level = replica' 'max_wal_size = 16GB' 'checkpoint_timeout = 1h' 'autovacuum = off'
	'maintenance_work_mem = 256MB' 'log_lock_waits = off')

start_server() {
	local built
	for built in "$root"/build/server/lib/postgresql/*/bin; do
		[ ! -x "$built/postgres" ] || export PGSTRIDE_TEST_PG=$built
	done
	"$pg_sh" start "$server" "${server_settings[@]}" >/dev/null
	export PGHOST=$server PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}
# The rival is psql itself: what Debian has in PATH is a script in Perl before it, 40 ms.
real_psql() {
	local real
	for real in /usr/lib/postgresql/*/bin/psql; do
		[ ! -x "$real" ] || PATH=${real%/psql}:$PATH
	done
}
real_psql
sql() { PGOPTIONS='-c client_min_messages=warning' psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }
machine() { echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo) GB"; }

# template NAME SQL...: made once; each SQL is a transaction of its own.
template() {
	local name=template_$1
	shift
	[ "$(PGDATABASE=postgres sql "SELECT count(*) FROM pg_database WHERE datname = '$name'")" = 0 ] || return 0
	PGDATABASE=postgres sql "CREATE DATABASE $name"
	for statement; do PGDATABASE=$name sql "$statement" >/dev/null; done
}

# retire: the database of the round before is kept, without the rows of what is large in it. ext4 gives no inode away that
# was freed within the last minutes, and looks for another one by one: behind a DROP DATABASE, with its hundreds of files,
# all who make tables are slowed down alike, and their ratio says little.
retire() {
	local oid
	oid=$(sql "SELECT oid FROM pg_database WHERE datname = 'bench'")
	[ -n "$oid" ] || return 0
	PGDATABASE=bench sql "SELECT format('TRUNCATE %s CASCADE;', oid::regclass) FROM pg_class
	                       WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_total_relation_size(oid) > 1000000" |
		PGDATABASE=bench psql -XAtq
	sql "ALTER DATABASE bench RENAME TO bench_$oid"
}

# fresh TEMPLATE [bare]: the database bench is a copy, with the extension where there is
# one (but for bare), its pages read once, and nothing is left to be written by others.
fresh() {
	local copy=''
	[ "$(sql 'SHOW server_version_num')" -lt 150000 ] || copy='STRATEGY file_copy'
	export PGDATABASE=postgres
	retire
	sql "CREATE DATABASE bench TEMPLATE template_$1 $copy"
	export PGDATABASE=bench
	export PGSTRIDE_DATABASE="host=$server port=5432 user=postgres dbname=bench"
	[ "${2:-}" = bare ] || ! extension || sql 'CREATE EXTENSION pgstride'
	sql "SELECT format('SELECT count(*) FROM %s t WHERE t IS NULL;', oid::regclass) FROM pg_class
	      WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LIMIT 10" | psql -XAtq >/dev/null
	sql CHECKPOINT
}
extension() { [ "$(PGDATABASE=postgres sql "SELECT count(*) FROM pg_available_extensions WHERE name = 'pgstride'")" = 1 ]; }
# extension_offers FUNCTION: does it have that part of the work?
extension_offers() {
	extension || return 1
	template empty
	fresh empty
	[ "$(sql "SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgstride_server'::regnamespace AND proname = '$1'")" -gt 0 ]
}
path_taken() { if extension_offers sweep; then echo 'extension'; else echo 'client path'; fi; }

# --- the big table -----------------------------------------------------------------------

# template_items NAME ROWS: uuid key, two more indexes, fillfactor 100.
template_items() {
	template "$1" "CREATE TABLE item (id uuid PRIMARY KEY, n bigint, note text, at timestamptz);
		INSERT INTO item SELECT md5(i::text)::uuid, i, repeat('x', 60), now() + i * interval '1 s' FROM generate_series(1, $2) i" \
		'CREATE INDEX ON item (n)' 'CREATE INDEX ON item (at)' 'VACUUM (FREEZE, ANALYZE) item'
}
# shellcheck disable=SC2034 # for the benchmarks
{
	add_label='ALTER TABLE item ADD COLUMN label text'
	fill_label="UPDATE item SET label = 'item ' || n WHERE label IS NULL"
}

# migration EXPAND BACKFILL [OPTIONS]: the folder holds this one alone.
migration() {
	rm -rf "$migrations"
	mkdir "$migrations"
	printf -- '-- migrate:expand\n%s;\n-- migrate:backfill %s\n%s;\n' "$1" "${3:-}" "$2" >"$migrations/20260101_bench.sql"
}

# --- contestants -------------------------------------------------------------------------

# compete CONTESTANT...: in turn, and in every other round from the last to the first.
compete() {
	local turn order=("$@")
	for round in $(seq "$rounds"); do
		progress "round $round of $rounds"
		for turn in "${order[@]}"; do "run_$turn"; done
		mapfile -t order < <(printf '%s\n' "${order[@]}" | tac)
	done
	progress
}
progress() { [ ! -t 2 ] || printf '\r%-78s\r' "${1:+  $benchmark: $1}" >&2; }

# sample CONTESTANT METRIC VALUE: of this round.
sample() { echo "$round $1 $2 $3" >>"$samples"; }

# timed CONTESTANT command...: its seconds and its memory; quiet, unless it fails.
timed() {
	local contestant=$1 took kilobytes
	shift
	rm -f "$bench_tmp/took"
	"$measure" "$bench_tmp/took" "$@" >"$bench_tmp/out" 2>"$bench_tmp/err" || {
		{ echo "bench: failed: $*"; tail -n 20 "$bench_tmp/err"; } >&2
		return 1
	}
	read -r took kilobytes <"$bench_tmp/took"
	sample "$contestant" seconds "$took"
	sample "$contestant" mb "$(awk -v kb="$kilobytes" 'BEGIN { print kb / 1024 }')"
}

# measured CONTESTANT TABLE command...: also its WAL, and the table's size after ÷ before.
measured() {
	local contestant=$1 table=$2 before wal
	shift 2
	before=$(sql "SELECT pg_total_relation_size('$table')")
	wal=$(sql 'SELECT pg_current_wal_lsn()')
	timed "$contestant" "$@"
	sample "$contestant" wal "$(sql "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '$wal')")"
	sample "$contestant" growth "$(sql "SELECT pg_total_relation_size('$table')::float8 / $before")"
}
psql_says() { local contestant=$1 table=$2; shift 2; measured "$contestant" "$table" psql -XAtq -v ON_ERROR_STOP=1 "${@/#/-c}"; }
backfill() { local contestant=$1 table=$2; shift 2; measured "$contestant" "$table" "$pgstride_binary" up -q --yes --dir "$migrations" "$@"; }

# traffic CONTESTANT [SECONDS]: four clients at a fixed rate, begun when they should have
# been: whoever waits makes the next one late, and that counts. p99 and the longest, in ms.
traffic() {
	local contestant=$1
	rm -f "$bench_tmp"/latency.*
	cat >"$bench_tmp/work.sql" <<-SQL
		\set key random(1, ${keys:-$rows})
		SELECT note FROM item WHERE id = md5((:key)::text)::uuid;
		UPDATE item SET note = repeat('y', 60) WHERE id = md5((:key)::text)::uuid;
	SQL
	pgbench -n -c 4 -j 2 -R 200 -T "${2:-$seconds}" -l --log-prefix="$bench_tmp/latency" -f "$bench_tmp/work.sql" >"$bench_tmp/pgbench" 2>&1 ||
		{ cat "$bench_tmp/pgbench" >&2; return 1; }
	cat "$bench_tmp"/latency.* | awk '{ print $3 / 1000 }' >"$bench_tmp/latencies"
	sample "$contestant" p99 "$(percentile 99 <"$bench_tmp/latencies")"
	sample "$contestant" worst "$(percentile 100 <"$bench_tmp/latencies")"
}

percentile() { sort -g | awk -v p="$1" '{ v[NR] = $1 } END { print v[int(NR * p / 100 + 0.5)] }'; }

# The first phase alone: the new column, and the trigger that keeps it level.
expand() {
	"$pgstride_binary" up -q --yes --dir "$migrations" --through expand >/dev/null 2>"$bench_tmp/err" || { cat "$bench_tmp/err" >&2; return 1; }
	sql CHECKPOINT
}

# peer PROGRAM [NAME]: is it in PATH? Else that is said.
peer() { command -v "$1" >/dev/null || { echo "$benchmark: ${2:-$1} is not in PATH, not compared" >>"$notes"; return 1; }; }

# --- figures -----------------------------------------------------------------------------

middle='{ v[NR] = $1 } END { if (NR) print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
median() { awk -v c="$1" -v m="$2" '$2 == c && $3 == m { print $4 }' "$samples" | sort -g | awk "$middle"; }
# ratio METRIC OURS RIVAL: the median of the quotients of each round.
ratio() {
	awk -v m="$1" -v a="$2" -v b="$3" '$3 == m && $2 == a { ours[$1] = $4 } $3 == m && $2 == b { rival[$1] = $4 }
		END { for (r in ours) if (rival[r] > 0) print ours[r] / rival[r] }' "$samples" | sort -g | awk "$middle"
}
calc() { awk "BEGIN { print $1 }"; }

figure() { figure_keep "$1" "$2" "$3" "$4" "${5:-}"; }
beside() { figure_keep "$1" "$2" '' '' "${3:-}"; }
figure_keep() {
	jq -nc --arg what "$1" --argjson value "${2:-null}" --arg op "$3" --argjson bar "${4:-null}" --arg unit "$5" \
		'{what: $what, value: $value, unit: $unit, op: $op, bar: $bar, verdict:
		  (if $value == null then "broken" elif $bar == null then "beside"
		   elif ($op == "<=" and $value <= $bar) or ($op == ">=" and $value >= $bar) then "reached" else "missed" end)}' \
		>>"$bench_tmp/row"
}

# Says why, and ends the benchmark.
skip_benchmark() {
	echo "$1" >"$bench_tmp/skipped"
	exit 0
}

# A benchmark is a shell of its own: what it breaks ends there.
benchmark_run() {
	benchmark=$1 title=$1
	: >"$samples"
	: >"$bench_tmp/row"
	rm -f "$bench_tmp/skipped" "$bench_tmp/title"
	local began=$SECONDS broken=''
	progress 'preparing'
	(
		set -eu
		round=0
		trap 'echo "$title" >"$bench_tmp/title"; quiet_down' EXIT
		# shellcheck source=/dev/null
		. "$here/rows/$benchmark.sh"
	) &
	wait $! || broken="it broke in $here/rows/$benchmark.sh"
	progress
	[ ! -f "$bench_tmp/title" ] || title=$(cat "$bench_tmp/title")
	jq -nc --arg name "$benchmark" --arg title "$title" --arg broken "$broken" --arg skipped "$(cat "$bench_tmp/skipped" 2>/dev/null)" \
		--argjson took $((SECONDS - began)) --slurpfile figures "$bench_tmp/row" --rawfile samples "$samples" \
		'{name: $name, title: $title, took_s: $took, figures: $figures,
		  samples: ($samples | split("\n") | map(select(. != "") | split(" ") | {round: .[0] | tonumber, contestant: .[1], metric: .[2], value: .[3] | tonumber}))}
		 + (if $broken != "" then {broken: $broken} else {} end) + (if $skipped != "" then {skipped: $skipped} else {} end)' >"$bench_tmp/last"
	cat "$bench_tmp/last" >>"$figures"
	table_row "$bench_tmp/last"
}
