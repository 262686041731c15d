#!/bin/bash
# scenarios.sh: what is run, killed and run again; sourced by the tests beside it.
#
# The table counts its own updates (`changes`), so that a row filled twice shows; an
# invalid index waits to be found; one statement refuses a transaction block.
# shellcheck source=tests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

# shellcheck disable=SC2034 # read by the tests that source this
faults=${PGSTRIDE:-$root/build/pgstride-faults}

make_world() {
	start_postgres 'deadlock_timeout = 200ms'
	new_database world
	sql "
	CREATE TABLE identities (id int PRIMARY KEY, email text NOT NULL, pad text, changes int NOT NULL DEFAULT 0);
	INSERT INTO identities SELECT n, 'customer.' || n || '@example.com', repeat('x', 120) FROM generate_series(1, 20000) n;
	CREATE INDEX identities_email ON identities (email);
	CREATE TABLE pace (seconds float NOT NULL);
	INSERT INTO pace VALUES (0);
	CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS '
	DECLARE rest float := (SELECT seconds FROM public.pace);
	BEGIN
		NEW.changes := OLD.changes + 1;
		IF rest > 0 THEN PERFORM pg_sleep(rest); END IF;
		RETURN NEW;
	END';
	CREATE TRIGGER count_changes BEFORE UPDATE ON identities FOR EACH ROW EXECUTE FUNCTION count_changes();
	CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL);
	INSERT INTO orders SELECT n, n % 100 FROM generate_series(1, 5000) n;
	CREATE INDEX orders_amount ON orders (amount);
	CREATE TABLE events (id int, at int) PARTITION BY RANGE (at);
	CREATE TABLE events_low PARTITION OF events FOR VALUES FROM (0) TO (10);
	CREATE TABLE events_high PARTITION OF events FOR VALUES FROM (10) TO (30) PARTITION BY RANGE (at);
	CREATE TABLE events_middle PARTITION OF events_high FOR VALUES FROM (10) TO (20);
	INSERT INTO events SELECT n, n % 20 FROM generate_series(1, 200) n;
	UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_amount'::regclass;
	ANALYZE identities, orders;"
	write_migrations
}

# set_pace SECONDS: how long the trigger makes every changed row take.
set_pace() { sql "UPDATE pace SET seconds = $1"; }

write_migrations() {
	mkdir -p "$tmp/life" "$tmp/swap" "$tmp/orders"
	cat >"$tmp/swap/20260101_swap_email.sql" <<-'SQL'
		-- migrate:expand
		ALTER TABLE identities ADD COLUMN new_email text;

		-- migrate:backfill sync:both batch-time:10ms
		UPDATE identities SET new_email = email WHERE new_email IS NULL;
		CREATE INDEX identities_new_email ON identities (new_email);

		-- migrate:contract
		ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;
		ALTER TABLE identities DROP COLUMN email;
		ALTER TABLE identities RENAME COLUMN new_email TO email;

		-- migrate:down expand
		ALTER TABLE identities DROP COLUMN new_email;
	SQL
	cat >"$tmp/orders/20260102_index_orders.sql" <<-'SQL'
		-- migrate:up
		ALTER TABLE orders ADD COLUMN note text;
		CREATE INDEX orders_amount ON orders (amount);
		CREATE INDEX events_at ON events (at);
		VACUUM orders;
	SQL
	echo '-- nothing but a remark' >"$tmp/orders/20260103_remark.sql"
	cp "$tmp/swap/"* "$tmp/orders/"* "$tmp/life/"
}

# A row that is locked while the sweep comes by, and free soon after.
lock_a_row() {
	psql -XAtq >/dev/null <<-SQL &
		BEGIN;
		SELECT 1 FROM identities WHERE id = 7000 FOR UPDATE;
		DO \$\$BEGIN WHILE NOT EXISTS (SELECT FROM pgstride.backfills WHERE skipped <> '{}') LOOP PERFORM pg_sleep(0.1); END LOOP; END\$\$;
		SELECT pg_sleep(1);
		ROLLBACK;
	SQL
	wait_until sh -c "[ \"\$(psql -XAtqc \"SELECT count(*) FROM pg_stat_activity WHERE datname = '$PGDATABASE' AND wait_event = 'PgSleep'\")\" = 1 ]"
}

# A scenario: its folder, what stands in the way, and what is typed, one a line.
scenario_folder() { case $1 in life | orders) echo "$tmp/$1" ;; *) echo "$tmp/swap" ;; esac; }
scenario_typed() {
	case $1 in
	life | swap | revisit) printf '%s\n' 'up --yes' 'contract --yes 20260101' ;;
	crew) printf '%s\n' 'up --yes --workers 3' 'contract --yes 20260101' ;;
	orders) echo 'up --yes' ;;
	undo) printf '%s\n' 'up --yes' 'down --yes' ;;
	esac
}

# play SCENARIO [FAULT]: types it all; what died is typed again. Sets $deaths and leaves
# everything printed in $tmp/played; false when a command ends with another failure.
play() {
	local scenario=$1 fault=${2:-} folder words
	folder=$(scenario_folder "$scenario")
	new_database played world
	: >"$tmp/played"
	deaths=0
	# Not before expand, which would wait for it.
	if [ "$scenario" = revisit ]; then
		type_once sweep_started up --yes --dir "$folder"
		lock_a_row
	fi
	while read -r -a words; do
		type_once "$fault" "${words[@]}" --dir "$folder" && continue
		[ "$status" -eq 137 ] || return 1
		deaths=$((deaths + 1))
		type_once '' "${words[@]}" --dir "$folder" || return 1
	done < <(scenario_typed "$scenario")
}

# Bash's own word on a death goes nowhere: to die is what is wanted here.
type_once() {
	local fault=$1
	shift
	echo "\$ PGSTRIDE_FAULT=$fault pgstride $*" >>"$tmp/played"
	PGSTRIDE_FAULT=$fault timeout -k 5 150 "$faults" "$@" >>"$tmp/played" 2>&1 </dev/null
	status=$?
	return "$status"
} 2>/dev/null

# What must be the same however often we died: schema, rows, and the history without
# times, costs and run ids. A step is told of as done once.
snapshot() {
	snapshot_schema
	sql "SELECT 'migration', version, name, file, state, how, failed FROM pgstride.migrations ORDER BY 2"
	sql "SELECT 'phase', version, phase, exact, normal, done FROM pgstride.phases ORDER BY 2, 3"
	sql "SELECT 'step', version, phase, number, kind, title, hash, done, sql, undo FROM pgstride.steps ORDER BY 2, 3, 4"
	sql "SELECT 'backfill', version, number, leaf_name, rows_done, swept, verified, skipped FROM pgstride.backfills ORDER BY 2, 3, 4"
	sql "SELECT 'set aside', * FROM pgstride.set_aside"
	sql "SELECT 'event', kind, version, phase, step, what, outcome, count(*) FROM pgstride.events
	      WHERE kind = 'step' AND outcome = 'done' GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY 2, 3, 4, 5, 6, 7"
}

# same_end SCENARIO WHAT: the verdict; needs $tmp/SCENARIO.want from an undisturbed run.
same_end() {
	snapshot >"$tmp/got" 2>&1
	if difference=$(diff "$tmp/$1.want" "$tmp/got"); then ok "$2"; else
		not_ok "$2" "the end is another (< undisturbed, > this time):" "$difference" "$(cat "$tmp/played")"
	fi
}

# The yardstick: an undisturbed run, whose rows were each written once.
play_undisturbed() {
	if play "$1"; then ok "$1: runs undisturbed"; else
		not_ok "$1: runs undisturbed" "$(cat "$tmp/played")"
		finish
	fi
	snapshot >"$tmp/$1.want"
	[ "$1" = orders ] || is "$(sql "SELECT min(changes) || ' ' || max(changes) FROM identities")" "1 1" "$1: every row is written once"
}

# Where to meet a point, when it is not in the plain life of a migration.
scenario_of() {
	[ -z "${all_in:-}" ] || { echo "$all_in" && return; }
	case $1 in
	sweep_revisit) echo revisit ;;
	undo_after) echo undo ;;
	alone_* | index_leftover | phase_done) echo orders ;;
	*) echo life ;;
	esac
}

# What there is to meet: with the extension the server sweeps in slices, without it we
# do in batches.
fault_points() {
	local other=^slice_
	[ -z "${PGSTRIDE_TEST_EXTENSION:-}" ] || other=^batch_
	"$faults" --list-faults | awk '{ print $1 }' | grep -v "$other"
}

# die_at POINT: as often as it is passed, up to $times.
times=${CRASH_TIMES:-8}
die_at() {
	local point=$1 scenario nth what
	scenario=$(scenario_of "$point")
	for ((nth = 1; nth <= times; nth++)); do
		what="$point, passed $nth times: run again, it ends as if undisturbed"
		if ! play "$scenario" "$point:$nth"; then
			not_ok "$what" "$(cat "$tmp/played")"
		elif [ "$deaths" -gt 0 ]; then
			same_end "$scenario" "$what"
		elif [ "$nth" -eq 1 ]; then
			not_ok "$point is reached" "$(cat "$tmp/played")"
		else
			return
		fi
	done
}
