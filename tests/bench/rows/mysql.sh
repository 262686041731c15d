# shellcheck shell=bash disable=SC2154,SC2034 # they are those of bench.sh
# mysql: two programs write to a table of MariaDB and a third reads it, each 200 times a
# second; meanwhile every row is filled, or old and new column change places.
title='backfill of MariaDB against one UPDATE, the swap, and what two writers wait for'
command -v mariadbd >/dev/null || skip_benchmark 'mariadbd is not in PATH'
unset PGSTRIDE_TEST_MYSQL PGSTRIDE_TEST_MYSQL_INSTALL # the installed server
shop=$bench_tmp/shop
add='ALTER TABLE identities ADD COLUMN new_email varchar(120)'
fill='UPDATE identities SET new_email = email WHERE new_email IS NULL'
shop_says() { mariadb --no-defaults -uroot -S "$shop/s" -N -B -e "$1" "${2:-shop}"; }
stop_shop() { "$root/tests/servers/mariadb.sh" kill "$shop"; }
trap 'echo "$title" >"$bench_tmp/title"; quiet_down; stop_shop' EXIT

# As one would have it in production: each commit is flushed to the disk.
"$root/tests/servers/mariadb.sh" start "$shop" --innodb-flush-log-at-trx-commit=1 --innodb-flush-method=fsync \
	--innodb-buffer-pool-size=512M --innodb-log-file-size=1G >/dev/null
shop_says 'CREATE DATABASE template' mysql
shop_says "CREATE TABLE identities (id int PRIMARY KEY, email varchar(120) NOT NULL, note varchar(60)) ENGINE = InnoDB;
	SET max_recursive_iterations = $rows;
	INSERT INTO identities WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
		SELECT i, CONCAT('User.', i, '@Example.com'), REPEAT('0', 60) FROM n" template

fresh_shop() {
	shop_says 'DROP DATABASE IF EXISTS shop; CREATE DATABASE shop; CREATE TABLE shop.identities LIKE template.identities;
		INSERT INTO shop.identities SELECT * FROM template.identities; ANALYZE TABLE shop.identities' mysql >/dev/null
}
url="mysql://root@localhost/shop?socket=$shop/s"

# among CONTESTANT command...: its seconds, and what the writers felt meanwhile.
among() {
	local contestant=$1 writers
	shift
	rm -f "$shop/say"
	mkfifo "$shop/say"
	"$root/build/tests/writers" "mysql:$shop/s/shop" "$rows" 2 <"$shop/say" >"$shop/felt" 2>"$shop/wrong" &
	writers=$!
	exec 8>"$shop/say"
	until grep -q ready "$shop/felt"; do sleep 0.05; done
	sleep 1
	echo 'mark during' >&8
	until grep -q 'mark during' "$shop/felt"; do sleep 0.01; done
	timed "$contestant" "$@" 8>&-
	exec 8>&-
	wait "$writers"
	cat "$shop/wrong" >&2
	while read -r metric value; do sample "$contestant" "$metric" "$value"; done < <(
		tail -n 1 "$shop/felt" | jq -r '.marks[] | select(.name == "during") |
			"p99 \(.writes.p99_ms)", "worst \([.writes.max_ms, .reads.max_ms] | max)",
			"errors \(.writes.errors + .reads.errors + .writes.wrong + .reads.wrong)"')
}
ours() { local contestant=$1 verb=$2; among "$contestant" "$pgstride_binary" "$verb" -q --yes --dir "$migrations" --database "$url"; }

run_update() {
	fresh_shop
	among update mariadb --no-defaults -uroot -S "$shop/s" -e "$add, ALGORITHM = INSTANT; $fill" shop
}
run_sweep() {
	fresh_shop
	migration "$add" "$fill" sync:off
	ours sweep up
}
run_swap() {
	fresh_shop
	migration "$add" "$fill" sync:both
	cat >>"$migrations/20260101_bench.sql" <<-SQL
		-- migrate:contract
		ALTER TABLE identities DROP COLUMN email;
		ALTER TABLE identities RENAME COLUMN new_email TO email;
	SQL
	"$pgstride_binary" up -q --yes --dir "$migrations" --database "$url" >/dev/null
	ours swap contract
}

compete update sweep swap
figure 'speed ÷ that of one UPDATE' "$(ratio seconds update sweep)" '>=' 0.7
figure 'longest wait during it ÷ during one UPDATE' "$(ratio worst sweep update)" '<=' 0.1
figure 'longest wait during the swap' "$(median swap worst)" '<=' 150 ms
figure 'errors and wrong reads' "$(awk '$2 != "update" && $3 == "errors" { n += $4 } END { print n + 0 }' "$samples")" '<=' 0
beside 'time of the backfill' "$(median sweep seconds)" s
beside 'time of one UPDATE' "$(median update seconds)" s
beside "writers' p99 during the backfill" "$(median sweep p99)" ms
beside 'their longest wait during the backfill' "$(median sweep worst)" ms
beside 'their longest wait during one UPDATE' "$(median update worst)" ms
