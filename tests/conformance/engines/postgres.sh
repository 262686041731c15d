# shellcheck shell=bash disable=SC2034,SC2154 # read and set by conform.sh
# engines/postgres.sh: a private server.
own=pgstride.
fault_points='fence_taken step_after batch_after'
contract_points='step_sent step_after'
down_points='step_sent undo_after'

engine_start() { start_postgres; }
engine_new() {
	new_database "$1"
	url=$PGSTRIDE_DATABASE
}
engine_query() { sql "$1"; }
engine_rows() { echo "INSERT INTO people SELECT i, 'p' || i || '@shop' FROM generate_series(1, $1) i"; }
engine_tables() {
	engine_query "SELECT 'table ' || tablename FROM pg_tables WHERE schemaname = 'public'
		UNION ALL SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1"
}
