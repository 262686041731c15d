#!/bin/bash
# foreign_stalls.sh: a file of another runner, run as it is written, keeps the promise that
# its own runner cannot give: behind a reader who does not end nobody queues for longer
# than the stall budget, however long the file has to wait.
# once: how the extension takes a lock is tried by stalls.sh
. "$(dirname "$0")/../lib.sh"
# Ten times the budget, so that no slow machine is taken for a stall: a plain ALTER waits
# for as long as the reader does.
budget=100
start_postgres 'deadlock_timeout = 1s'
new_database shop
sql "CREATE TABLE orders (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO orders SELECT generate_series(1, 100)"

cat >"$tmp/app.sql" <<'S'
\set id random(1, 100)
UPDATE orders SET n = n + 1 WHERE id = :id;
SELECT n FROM orders WHERE id = :id;
S
PGAPPNAME=application pgbench -n -c 2 -R 40 -T 600 -f "$tmp/app.sql" -P 1 >"$tmp/app.out" 2>&1 &
application=$!
wait_until grep -q progress "$tmp/app.out" || not_ok 'the application starts' "$(cat "$tmp/app.out")"
psql_session reader
read_on() { say reader 'BEGIN; SELECT count(*) FROM orders;' && wait_until session_is reader 'idle in transaction'; }

stalls() { tail -n "+$((marked + 1))" "$server/log" | grep ' application LOG: .* still waiting for' | cut -c1-200; }
written() { sql 'SELECT sum(n) FROM orders'; }
# The application gets so much done while the reader stays.
goes_on() { [ "$(written)" -gt "$((seen + 60))" ]; }

# file_of LAYOUT COLUMN: two statements and rows of that layout.
file_of() {
	local text="UPDATE orders SET n = n WHERE id = 101; ALTER TABLE orders ADD COLUMN $2 int; ALTER TABLE orders ALTER COLUMN $2 SET DEFAULT 1;"
	mkdir -p "$tmp/$1"
	case $1 in
	popx) echo "$text" >"$tmp/$1/20240101000000000001_$2.postgres.up.sql" && : >"$tmp/$1/20240101000000000001_$2.postgres.down.sql" ;;
	pair) echo "$text" >"$tmp/$1/1_$2.up.sql" ;;
	goose) printf -- '-- +goose Up\n%s\n' "$text" >"$tmp/$1/00001_$2.sql" ;;
	flyway) echo "$text" >"$tmp/$1/V1__$2.sql" ;;
	esac
}

# The schema is in use: Flyway wants to be told that its files begin behind that.
export FLYWAY_BASELINE_ON_MIGRATE=true FLYWAY_BASELINE_VERSION=0
marked=$(wc -l <"$server/log")
read_on
stall() { psql -XAtqc "SET lock_timeout = '3s'" -c 'ALTER TABLE orders ADD COLUMN plain text'; [ -n "$(stalls)" ]; }
wait_until stall
like "$(stalls)" 'still waiting' 'a plain ALTER behind the reader stalls the application, and we would notice'
say reader 'COMMIT;'

for layout in popx pair goose flyway; do
	column=of_$layout
	file_of $layout "$column"
	read_on
	marked=$(wc -l <"$server/log") seen=$(written)
	"$pgstride_binary" up --yes --component $layout --dir "$tmp/$layout" --max-stall ${budget}ms --lock-patience 10min >"$tmp/$layout.log" 2>&1 &
	up=$!
	wait_until grep -q 'waiting' "$tmp/$layout.log"
	holds "$layout: the application works on while the file waits" wait_until goes_on
	holds "$layout: it does wait" kill -0 $up
	is "$(stalls)" '' "$layout: nobody queued behind it for long"
	say reader 'COMMIT;'
	ends $up "$layout" "$tmp/$layout.log"
	wait $up
	is $? 0 "$layout: applied as soon as the reader has gone"
	is "$(sql "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = '$column' AND column_default = '1'")" 1 "$layout: as it is written"
	is "$(sql "SELECT count(*) FROM pgstride.steps WHERE component = '$layout' AND stall_ms > 1000")" 0 "$layout: by our own account, too, nobody was stalled"
done

hang_up reader
kill $application
wait $application 2>/dev/null
is "$(grep -ciE 'error|aborted' "$tmp/app.out")" 0 'the application met no error'
finish
