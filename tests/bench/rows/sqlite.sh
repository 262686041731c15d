# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# sqlite: two programs write to a file, a third reads it, each 200 times a second, with a
# busy timeout of 5 s; meanwhile every row is filled.
title='waits of two writers of a SQLite file (WAL), during a backfill of 1,000,000 rows'
command -v sqlite3 >/dev/null || skip_benchmark 'sqlite3 is not in PATH'
lite_rows=1000000
folder=$bench_tmp/lite file=$bench_tmp/lite/shop.db
mkdir "$folder"
sqlite3 "$folder/template.db" "CREATE TABLE identities (id integer PRIMARY KEY, email text NOT NULL, note text);
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $lite_rows)
		INSERT INTO identities SELECT i, 'User.' || i || '@Example.com', hex(zeroblob(30)) FROM n;
	PRAGMA journal_mode = WAL" >/dev/null
add='ALTER TABLE identities ADD COLUMN lowered text'
fill="UPDATE identities SET lowered = lower(email) WHERE lowered IS NULL"
migration "$add" "$fill" sync:off

# among CONTESTANT command...: its seconds, and what the writers felt before and meanwhile.
among() {
	local contestant=$1 writers mark
	shift
	rm -f "$file"* "$folder/say"
	cp "$folder/template.db" "$file"
	sync "$file"
	mkfifo "$folder/say"
	"$root/build/tests/writers" "$file" "$lite_rows" 2 <"$folder/say" >"$folder/felt" &
	writers=$!
	exec 8>"$folder/say"
	until grep -q ready "$folder/felt"; do sleep 0.05; done
	echo 'mark before' >&8
	sleep 3
	echo 'mark during' >&8
	until grep -q 'mark during' "$folder/felt"; do sleep 0.01; done
	timed "$contestant" "$@" 8>&-
	exec 8>&-
	wait "$writers"
	for mark in before during; do
		while read -r metric value; do sample "$contestant" "$mark.$metric" "$value"; done < <(
			tail -n 1 "$folder/felt" | jq -r --arg mark "$mark" '.marks[] | select(.name == $mark) |
				"p99 \(.writes.p99_ms)", "worst \(.writes.max_ms)", "errors \(.writes.errors + .reads.errors + .writes.wrong + .reads.wrong)"')
	done
}
run_update() { among update sqlite3 -cmd '.timeout 60000' "$file" "BEGIN IMMEDIATE; $add; $fill; COMMIT"; }
run_sweep() { among sweep "$pgstride_binary" up -q --yes --no-backup --dir "$migrations" --database "sqlite:$file"; }

compete update sweep
figure "writers' p99 during the backfill" "$(median sweep during.p99)" '<=' 10 ms
figure 'errors and wrong reads' "$(awk '$2 == "sweep" && $3 == "during.errors" { n += $4 } END { print n + 0 }' "$samples")" '<=' 0
beside "writers' p99 before it, with nobody in the way" "$(median sweep before.p99)" ms
beside 'their longest wait during it' "$(median sweep during.worst)" ms
beside 'their longest wait during one UPDATE' "$(median update during.worst)" ms
beside 'time of the backfill' "$(median sweep seconds)" s
beside 'time of one UPDATE' "$(median update seconds)" s
rm -rf "$folder"
