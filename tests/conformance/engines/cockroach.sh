# shellcheck shell=bash disable=SC2034,SC2154 # read and set by conform.sh
# engines/cockroach.sh: no CockroachDB, but a PostgreSQL that passes for one
# (tests/proxy/cockroach.h): what is tested is how we speak to one, not how one answers.
own=pgstride.
fault_points='runner_locked history_made fence_taken alone_started alone_sent alone_done step_after
	sweep_started batch_after verify_done'
contract_points='alone_sent alone_done step_after'
down_points='alone_sent alone_done undo_after'
sync=off
ddl_stays=yes

engine_start() {
	start_postgres
	pass_for_cockroach cockroach --conflicts 7
}
engine_new() {
	new_database "$1"
	url="cockroach://postgres@${stand_in//\//%2F}:5432/$1"
}
engine_query() { sql "$1"; }
engine_rows() { echo "INSERT INTO people SELECT i, 'p' || i || '@shop' FROM generate_series(1, $1) i"; }
engine_tables() { engine_query "SELECT 'table ' || tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"; }

# What a dead run leaves behind, and only time takes away.
engine_passes() { engine_query "UPDATE pgstride.leases SET until = clock_timestamp() - interval '1 second'"; }
