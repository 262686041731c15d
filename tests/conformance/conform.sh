#!/bin/bash
# conform.sh: the same promises on every engine. tests/conformance/ENGINE.sh names one
# and sources this; engines/ENGINE.sh says how it is started and asked:
#
#   engine_start          whatever must run; called once
#   engine_new NAME       an empty database; sets $url
#   engine_query SQL      runs it in the newest database, prints rows with | between cells
#   engine_rows N         SQL that fills people (id, email) with N rows
#   engine_tables         the user's tables and triggers, sorted, one a line
#   engine_small NAME SIZE  like engine_new, on a disk of that size; engine_roomier NAME SIZE,
#                         engine_gone NAME: optional, 1 where no such disk can be had
#   engine_passes         optional: ends what a killed run holds until its time is over
#   own=PREFIX            of pgstride's tables; fault_points='...' where to die on the way up, contract_points,
#                         down_points: in contract, in down
#   set_not_null=SQL      of people.new_email, where the engine says it otherwise
#   sync=off              where the engine has no sync triggers
#   ddl_stays=yes         of a migration that failed, what was done before it
#
# Every scenario is a file of scenarios/ and a function of its name, in a database of its
# own. The migrations are one folder for all engines.
# shellcheck disable=SC2154 # engine, url and own are set by who sources this, or by the engine
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lib.sh"
# shellcheck disable=SC2034 # read by scenarios
set_not_null='ALTER TABLE people ALTER COLUMN new_email SET NOT NULL' sync=both ddl_stays=''
# shellcheck disable=SC1090,SC1091 # by the engine's name
. "$here/engines/$engine.sh"

# migration FILE: from stdin, into the scenario's own folder.
migration() { mkdir -p "$folder" && cat >"$folder/$1"; }

# The shop that most scenarios begin with: one table, and the classic change.
shop() {
	migration 20260101_people.sql <<-'SQL'
		CREATE TABLE people (id integer PRIMARY KEY, email varchar(80) NOT NULL);
	SQL
	migration 20260201_email.sql <<-SQL
		-- migrate:expand
		ALTER TABLE people ADD COLUMN new_email varchar(80);

		-- migrate:backfill sync:$sync
		UPDATE people SET new_email = email WHERE new_email IS NULL;

		-- migrate:contract
		$set_not_null;
		ALTER TABLE people DROP COLUMN email;
		ALTER TABLE people RENAME COLUMN new_email TO email;

		-- migrate:down expand
		ALTER TABLE people DROP COLUMN new_email;
	SQL
}
go() { pgstride "$@" --database "$url" --dir "$folder"; }
# The same with PGSTRIDE_FAULT.
faulty() { "$root/build/pgstride-faults" "$@" --database "$url" --dir "$folder"; }
# midway WHAT: an up beside us, stopped in the middle of its backfill; goes_on; ended WHAT: it ends well.
midway() {
	PGSTRIDE_FAULT=batch_after:1:STOP "$root/build/pgstride-faults" up --yes --database "$url" --dir "$folder" >"$tmp/midway" 2>&1 &
	midway=$!
	holds "$1" wait_until is_stopped "$midway"
}
is_stopped() { grep -q '^State:[[:space:]]*T' "/proc/$1/status"; }
goes_on() { kill -CONT "$midway"; }
ended() {
	wait "$midway"
	is $? 0 "$1" "$(cat "$tmp/midway")"
}
people() { engine_query "$(engine_rows "$1")"; }
state_of() { engine_query "SELECT state FROM ${own}migrations WHERE version = '$1'"; }

engine_start
for scenario in "$here"/scenarios/*.sh; do
	name=$(basename "$scenario" .sh)
	folder=$tmp/$name
	engine_new "$name"
	# shellcheck disable=SC1090 # each is beside the others
	. "$scenario"
	"$name"
done
finish
