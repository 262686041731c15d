#!/bin/bash
# bench.sh: what a backfill costs beside the single UPDATE that it replaces.
#
# Both run on the same private server, in turn, on fresh copies of the same table (uuid
# key, two more indexes, fillfactor 100, a checkpoint just before), so their ratio means
# something on a shared machine even where their times do not. Prints a table, and writes
# build/bench.json. The third line is pgstride with BENCH_WORKERS (default 2). BENCH_ROWS (default 500000) and BENCH_ROUNDS (default 3) set the size.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
rows=${BENCH_ROWS:-500000} rounds=${BENCH_ROUNDS:-3} workers=${BENCH_WORKERS:-2}
dir=$(mktemp -d /tmp/pgsbench.XXXXXX)
trap '"$root/tests/servers/pg.sh" stop "$dir/server" immediate >/dev/null 2>&1; rm -rf "$dir"' EXIT
chmod 755 "$dir"

"$root/tests/servers/pg.sh" start "$dir/server" 'shared_buffers = 256MB' 'max_wal_size = 8GB' \
	'checkpoint_timeout = 1h' 'autovacuum = off' 'fsync = on' >/dev/null
export PGHOST=$dir/server PGUSER=postgres PGDATABASE=postgres
q() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

mkdir "$dir/migrations"
cat >"$dir/migrations/1_fill.sql" <<'SQL'
-- migrate:expand
ALTER TABLE item ADD COLUMN label text;
-- migrate:backfill sync:off
UPDATE item SET label = 'item ' || n WHERE label IS NULL;
SQL

fresh_table() {
	q 'DROP SCHEMA IF EXISTS pgstride CASCADE' 2>/dev/null
	q "DROP TABLE IF EXISTS item;
	   CREATE TABLE item (id uuid PRIMARY KEY, n bigint, note text, at timestamptz);
	   INSERT INTO item SELECT md5(i::text)::uuid, i, repeat('x', 60), now() FROM generate_series(1, $rows) i;
	   CREATE INDEX ON item (n); CREATE INDEX ON item (at)"
	q 'VACUUM ANALYZE item'
	q CHECKPOINT
}

# measure NAME command...: seconds, megabytes of WAL, table size after ÷ before.
measure() {
	local name=$1 began wal before
	shift
	before=$(q "SELECT pg_total_relation_size('item')")
	wal=$(q 'SELECT pg_current_wal_lsn()')
	began=$(date +%s.%N)
	"$@"
	awk -v name="$name" -v began="$began" -v ended="$(date +%s.%N)" \
		-v wal="$(q "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '$wal')")" \
		-v before="$before" -v after="$(q "SELECT pg_total_relation_size('item')")" \
		'BEGIN { printf "%s %.3f %.1f %.3f\n", name, ended - began, wal / 1048576, after / before }' >>"$dir/runs"
}

one_update() {
	q 'ALTER TABLE item ADD COLUMN label text'
	q "UPDATE item SET label = 'item ' || n WHERE label IS NULL"
}
backfill() { "$root/build/pgstride" up -q --workers "${1:-1}" --dir "$dir/migrations" >/dev/null 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }; }

for _ in $(seq "$rounds"); do
	fresh_table
	measure update one_update
	fresh_table
	measure pgstride backfill
	fresh_table
	measure workers backfill "$workers"
done

# The median of a column of one contestant.
median() { awk -v name="$1" -v column="$2" '$1 == name { print $column }' "$dir/runs" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

{
	echo "$rows rows, median of $rounds rounds, in turn"
	printf '%-12s %10s %12s %14s\n' '' seconds 'WAL (MB)' 'size ÷ before'
	for name in update pgstride workers; do
		printf '%-12s %10s %12s %14s\n' "$name" "$(median $name 2)" "$(median $name 3)" "$(median $name 4)"
	done
	awk -v ut="$(median update 2)" -v pt="$(median pgstride 2)" -v uw="$(median update 3)" -v pw="$(median pgstride 3)" \
		-v wt="$(median workers 2)" -v ww="$(median workers 3)" -v n="$workers" \
		'BEGIN { printf "%-12s %10.2f %12.2f\n%-12s %10.2f %12.2f\n", "ratio", pt / ut, pw / uw, n " workers", wt / pt, ww / pw }'
} | tee "$dir/table"

mkdir -p "$root/build"
awk -v rows="$rows" -v rounds="$rounds" 'BEGIN { printf "{\"rows\":%d,\"rounds\":%d,\"runs\":[", rows, rounds }
	{ printf "%s{\"name\":\"%s\",\"seconds\":%s,\"wal_mb\":%s,\"growth\":%s}", sep, $1, $2, $3, $4; sep = "," }
	END { print "]}" }' "$dir/runs" >"$root/build/bench.json"
