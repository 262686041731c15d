#!/bin/bash
# patroni.sh: a backfill lives through a switchover and the loss of the primary, under
# Patroni: the same run goes on with whoever is primary, nothing lost, nothing twice.
# once: Patroni's servers are the system's
# alone: a failover has its time limits
. "$(dirname "$0")/../lib.sh"
patroni=$root/tests/servers/patroni.sh
cluster=$(TMPDIR=/tmp mktemp -d)
stop_all() {
	"$patroni" stop "$cluster"
	rm -rf "$cluster"
	clean_up
}
trap stop_all EXIT
dsn=$("$patroni" start "$cluster")
case $? in
0) ;;
3) skip 'failover under Patroni' 'its packages cannot be had here' && finish ;;
*) not_ok 'two servers under Patroni start' && finish ;;
esac
export PGHOST=127.0.0.1,127.0.0.1 PGUSER=postgres PGDATABASE=postgres PGCONNECT_TIMEOUT=2 PGTARGETSESSIONATTRS=read-write
ports=${dsn#* port=}
export PGPORT=${ports%% *} PGSTRIDE_DATABASE=$dsn

# Every row counts how often it was written.
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, pad text, changes int NOT NULL DEFAULT 0);
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com', repeat('x', 60) FROM generate_series(1, 30000) g;
     CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.changes := OLD.changes + 1; RETURN NEW; END';
     CREATE TRIGGER count_changes BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION count_changes()"
slow_rows accounts 1
mkdir "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"

written() { sql 'SELECT coalesce(max(rows_done), 0) FROM pgstride.backfills' 2>/dev/null || echo 0; }
beyond() { [ "$(written)" -gt "$1" ]; }
goes_on() { # WHAT
	local met
	met=$(written)
	if wait_until beyond $((met + 500)); then ok "$1"; else not_ok "$1" "$(tail -n 5 "$tmp/err")"; fi
}
"$pgstride_binary" up --yes --dir "$tmp/migrations" --batch-time 10ms --max-lag 1h >"$tmp/out" 2>"$tmp/err" &
run=$!
wait_until beyond 300 || not_ok 'the backfill is under way' "$(tail -n 5 "$tmp/err")"

first=$("$patroni" leader "$cluster")
holds 'a switchover' "$patroni" switchover "$cluster"
goes_on 'a switchover: the same run goes on with the new primary'
holds 'the primary is killed' "$patroni" kill "$cluster"
is "$("$patroni" leader "$cluster")" "$first" 'the primary is killed: the other takes over'
goes_on 'the primary is killed: the same run goes on'
full_speed
ends "$run" 'the run' "$tmp/err"
wait "$run"
is "$?" 0 'it ends well: exit 0'
is "$(grep -c 'another server has taken over' "$tmp/err")" 2 'it has said so, twice'
is "$(sql "SELECT count(*), count(*) FILTER (WHERE new_email = email), min(changes), max(changes) FROM accounts")" \
	'30000|30000|1|1' 'every row is there, filled, and written once'
is "$(sql 'SELECT rows_done, swept, verified, skipped FROM pgstride.backfills')" '30000|t|t|{}' 'and its record says so'
is "$(sql "SELECT count(DISTINCT run_id), count(*) FILTER (WHERE done), count(*) FROM pgstride.steps")" '1|3|3' 'one run, every step once'
exits 0 'a second up finds nothing to do' pgstride up --yes --dir "$tmp/migrations"
finish
