# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# thousand.sh: 1,000 migrations of one statement, as each tool wants them.
thousand=$bench_tmp/thousand

# pgstride reads what dbmate reads; the same statements for all.
thousand_make() {
	[ ! -d "$thousand" ] || return 0
	mkdir -p "$thousand"/{native,migrate,sqitch/deploy}
	local number statement
	printf '%%syntax-version=1.0.0\n%%project=bench\n\n' >"$thousand/sqitch/sqitch.plan"
	printf '[core]\n\tengine = pg\n' >"$thousand/sqitch/sqitch.conf"
	for number in $(seq 1001 2000); do
		statement="CREATE TABLE t$number (id bigint PRIMARY KEY, note text);"
		printf -- '-- migrate:up\n%s\n-- migrate:down\nDROP TABLE t%s;\n' "$statement" "$number" >"$thousand/native/${number}_t.sql"
		echo "$statement" >"$thousand/migrate/${number}_t.up.sql"
		echo "BEGIN; $statement COMMIT;" >"$thousand/sqitch/deploy/t$number.sql"
		echo "t$number 2026-01-01T00:00:00Z bench <bench@example.com>" >>"$thousand/sqitch/sqitch.plan"
		printf 'BEGIN;\n%s\nCOMMIT;\n' "$statement" >>"$thousand/all.sql"
	done
}
thousand_make

# run_TOOL, of what is there; all of them go on where the database stands.
thousand_stride() { timed stride "$pgstride_binary" up -q --yes --dir "$thousand/native"; }
thousand_psql() { timed psql psql -XAtq -v ON_ERROR_STOP=1 -f "$thousand/all.sql"; }
thousand_migrate() { timed migrate migrate -path "$thousand/migrate" -database "postgres://postgres@/$PGDATABASE?host=$server&sslmode=disable" up; }
thousand_dbmate() { timed dbmate dbmate --url "postgres://postgres@/$PGDATABASE?socket=$server" -d "$thousand/native" --no-dump-schema up; }
thousand_sqitch() { (cd "$thousand/sqitch" && timed sqitch sqitch deploy --target "db:pg:$PGDATABASE"); }
thousand_peers() { for tool in migrate dbmate sqitch; do ! peer "$tool" || echo "$tool"; done; }
