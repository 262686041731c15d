#!/bin/bash
# failover.sh: the primary dies in the middle of a batch and a standby takes over: the
# same run goes on there, and the end is that of a run that nobody disturbed.
. "$(dirname "$0")/../lib.sh"
pg=$root/tests/servers/pg.sh
start_postgres
standby=$(TMPDIR=/tmp mktemp -d) stranger=$(TMPDIR=/tmp mktemp -d)
stop_all() {
	for other in "$standby" "$stranger"; do
		"$pg" stop "$other" immediate
		rm -rf "$other"
	done
	clean_up
}
trap stop_all EXIT

# Every row counts how often it was written.
new_database shop
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL, pad text, changes int NOT NULL DEFAULT 0);
     INSERT INTO accounts SELECT g, 'u' || g || '@example.com', repeat('x', 60) FROM generate_series(1, 30000) g;
     CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.changes := OLD.changes + 1; RETURN NEW; END';
     CREATE TRIGGER count_changes BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION count_changes()"
slow_rows accounts 1
mkdir "$tmp/migrations"
printf -- '-- migrate:expand\n%s;\n-- migrate:backfill sync:both\n%s;\n' \
	'ALTER TABLE accounts ADD COLUMN new_email text' \
	'UPDATE accounts SET new_email = email WHERE new_email IS NULL' >"$tmp/migrations/20260101_fill.sql"

# both_hosts OTHER: a connection string that finds whoever is primary.
both_hosts() { echo "host=$server,$1 port=5432,5432 user=postgres dbname=shop target_session_attrs=read-write"; }
up_behind() {
	rm -f "$tmp/err" # of an earlier one
	PGSTRIDE_DATABASE=$(both_hosts "$1") "$pgstride_binary" up --yes --dir "$tmp/migrations" \
		--batch-time 10ms --max-lag 1h >"$tmp/out" 2>"$tmp/err" &
	run=$!
}
written() { PGHOST=$1 sql 'SELECT coalesce(max(rows_done), 0) FROM pgstride.backfills' 2>/dev/null || echo 0; }
beyond() { [ "$(written "$1")" -gt "$2" ]; }

# --- a standby that lacks the last batches ------------------------------------------------
"$pg" standby "$standby" "$server" 'hot_standby = on' "cluster_name = 'standby1'" >/dev/null || exit 1
wait_until sh -c '[ "$(psql -XAtqc "SELECT count(*) FROM pg_stat_replication WHERE state = '"'streaming'"'")" = 1 ]'
receiver=$(PGHOST=$standby sql 'SELECT pid FROM pg_stat_wal_receiver')
up_behind "$standby"
wait_until beyond "$standby" 300 || not_ok 'the backfill is under way, on the standby too' "$(cat "$tmp/err")"
kill -STOP "$receiver"
ahead=$(written "$server")
wait_until beyond "$server" $((ahead + 1200)) || not_ok 'it goes on' "$(cat "$tmp/err")"
ahead=$(written "$server")
"$pg" power_cut "$server"
kill -CONT "$receiver"
"$pg" promote "$standby"
holds 'the standby that took over lacks batches that were committed' [ "$(written "$standby")" -lt "$ahead" ]
PGHOST=$standby full_speed
wait "$run"
is "$?" 0 'the same run goes on there: exit 0'
like "$(cat "$tmp/err")" 'another server has taken over' 'it says so'
export PGHOST=$standby
is "$(sql 'SELECT pg_is_in_recovery()')" f 'it ended on the new primary'
is "$(sql "SELECT count(*), count(*) FILTER (WHERE new_email = email), min(changes), max(changes) FROM accounts")" \
	'30000|30000|1|1' 'every row is there, filled, and written once'
is "$(sql 'SELECT rows_done, swept, verified, skipped FROM pgstride.backfills')" '30000|t|t|{}' 'and its record says so'
is "$(sql "SELECT md5(string_agg(id || email || new_email, ',' ORDER BY id)) FROM accounts")" \
	"$(sql "SELECT md5(string_agg(g || e || e, ',' ORDER BY g)) FROM (SELECT g, 'u' || g || '@example.com' AS e FROM generate_series(1, 30000) g) m")" \
	'the end is that of an undisturbed run'
is "$(sql "SELECT count(DISTINCT run_id), count(*) FILTER (WHERE done), count(*) FROM pgstride.steps")" '1|3|3' 'one run, every step once'
PGSTRIDE_DATABASE=$(both_hosts "$standby") exits 0 'a second up finds nothing to do' \
	pgstride up --yes --dir "$tmp/migrations"

# --- a server that is no copy ---------------------------------------------------------------
"$pg" stop "$standby" immediate
rm -rf "$server/data"
PGHOST=$server "$pg" start "$server" >/dev/null
export PGHOST=$server
new_database shop
sql "CREATE TABLE accounts (id int PRIMARY KEY, email text NOT NULL);
     INSERT INTO accounts SELECT g, 'u' || g FROM generate_series(1, 30000) g"
slow_rows accounts 1
"$pg" start "$stranger" >/dev/null
PGHOST=$stranger PGDATABASE=postgres sql 'CREATE DATABASE shop'
up_behind "$stranger"
wait_until beyond "$server" 300
"$pg" power_cut "$server"
wait "$run"
is "$?" 4 'another system answers: exit 4'
like "$(cat "$tmp/err")" 'another database system answers' 'it says so'
is "$(PGHOST=$stranger sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'")" 0 'and nothing is made there'
finish
