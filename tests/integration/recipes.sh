#!/bin/bash
# recipes.sh: what a recipe leaves is what the plain statement leaves, to the last name;
# nobody who writes meanwhile meets an error, rows in the way are found and named before
# anything is locked, and down leads back to where it began.
. "$(dirname "$0")/../waits.sh"
start_postgres "deadlock_timeout = ${allowed}ms"
start_witness

new_database model
sql "CREATE SCHEMA other;
     CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL, region int, UNIQUE (region, code));
     CREATE TABLE orders (id bigint NOT NULL, customer_id bigint, code text, region int, amount numeric, note text, a int NOT NULL, b int);
     CREATE TABLE other.plain (id int, x text);
     CREATE TABLE other.\"ein_Name_so_lang_wie_es_gerade_noch_geht_ä\" (\"Spalte_mit_Umlauten_öäüöäüöäüöäüöäüö\" int, b int);
     INSERT INTO customers (code, region) SELECT 'c' || g, g % 5 FROM generate_series(1, 100) g;
     INSERT INTO orders SELECT g, g % 100 + 1, 'c' || (g % 100 + 1), (g % 100 + 1) % 5, g, 'n' || g, g, g FROM generate_series(1, 3000) g;
     INSERT INTO other.plain SELECT g, 'x' || g FROM generate_series(1, 100) g"
snapshot_schema >"$tmp/before"

# What older servers do not know is left out of the SQL on standard input.
known() {
	local older=()
	[ "$server_major" -ge 15 ] || older+=(-e 's/ NULLS NOT DISTINCT//' -e 's/SET NULL (code)/SET NULL/')
	[ "$server_major" -ge 13 ] || older+=(-e 's/gen_random_uuid()/md5(random()::text)::uuid/')
	sed "${older[@]}" -e ''
}

# write_migration SECTION: standard input becomes the only migration.
write_migration() {
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	{ echo "-- migrate:$1"; known; } >"$tmp/migrations/20260101_recipes.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
down() { pgstride down --yes --dir "$tmp/migrations" "$@"; }

# Every client inserts, changes and deletes rows of its own, by named columns.
start_writers() {
	cat >"$tmp/writer.sql" <<-'SQL'
		\set n 100000 + :client_id * 100000 + random(1, 90000)
		\set m random(1, 3000)
		INSERT INTO orders (id, customer_id, code, region, amount, note, a, b) SELECT :n, 7, 'c7', 2, 5, 'n', :n, :n WHERE NOT EXISTS (SELECT FROM orders WHERE id = :n);
		UPDATE orders SET amount = amount + 1 WHERE id = :m;
		DELETE FROM orders WHERE id = :n;
		UPDATE customers SET region = region WHERE id = 9;
		SELECT amount, note FROM orders WHERE id < 20;
	SQL
	begin_waits
	pgbench -n -c 3 -R 100 -T 300 -f "$tmp/writer.sql" >"$tmp/writers.out" 2>&1 &
	writers=$!
	wait_until sql "SELECT 1 / count(*) FROM orders WHERE id > 100000"
}
stop_writers() {
	kill "$writers"
	wait "$writers" 2>/dev/null
	wait_until sql "SELECT 1 / (count(*) = 0)::int FROM pg_stat_activity WHERE application_name = 'pgbench'"
	sql 'DELETE FROM orders WHERE id > 100000; UPDATE orders SET amount = id'
	unlike "$(cat "$tmp/writers.out")" 'ERROR|aborted' "$1: nobody met an error"
	is "$(long_waits pgbench 'Lock on relation')" '' "$1: nobody waited for a table longer than the budget"
}

# What a default or a sequence gave each row is nobody's to compare.
shape() { snapshot_schema | sed -E 's/^([^ ]+ [0-9]+) ([0-9a-f]{32}|-)$/\1/'; }

# same_as_plain WHAT: the migration run by pgstride, the same text run by psql.
same_as_plain() {
	new_database plain model
	psql -XAtq -v ON_ERROR_STOP=1 -f "$tmp/migrations/20260101_recipes.sql" >"$tmp/plain.out" 2>&1 || not_ok "$1: the plain statements run" "$(cat "$tmp/plain.out")"
	sql 'UPDATE orders SET amount = id'
	shape >"$tmp/plain"
	new_database recipe model
	start_writers
	exits 0 "$1: exit 0" up
	stop_writers "$1"
	shape >"$tmp/recipe"
	holds "$1: what is left is what the plain statements leave" diff "$tmp/plain" "$tmp/recipe"
	exits 0 "$1: down, exit 0" down
	snapshot_schema >"$tmp/after"
	holds "$1: down leads back to where it began" diff "$tmp/before" "$tmp/after"
}

write_migration up <<'SQL'
ALTER TABLE orders ADD CHECK (amount > 0);
ALTER TABLE orders ADD CHECK (amount > 0 AND a > 0);
ALTER TABLE orders ADD CHECK (amount IN (1, 2) OR amount IS NOT NULL) NO INHERIT;
ALTER TABLE orders ADD CONSTRAINT named CHECK (note <> '');
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders ADD FOREIGN KEY (region, code) REFERENCES customers (region, code) MATCH FULL ON DELETE SET NULL (code) ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE orders ADD UNIQUE (a);
ALTER TABLE orders ADD UNIQUE (a, b) INCLUDE (note);
ALTER TABLE orders ADD UNIQUE NULLS NOT DISTINCT (b) WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE orders ADD UNIQUE (a), ADD PRIMARY KEY (id);
ALTER TABLE orders ADD CHECK (m > 0), ALTER b SET NOT NULL, ADD FOREIGN KEY (customer_id) REFERENCES customers ON DELETE CASCADE, ALTER note SET DEFAULT 'none', ADD m int;
ALTER TABLE other.plain ADD PRIMARY KEY (id, x);
ALTER TABLE other.plain ADD CHECK (x <> '' OR false);
ALTER TABLE other."ein_Name_so_lang_wie_es_gerade_noch_geht_ä" ADD CHECK ("Spalte_mit_Umlauten_öäüöäüöäüöäüöäüö" > 0);
ALTER TABLE other."ein_Name_so_lang_wie_es_gerade_noch_geht_ä" ADD UNIQUE (b, "Spalte_mit_Umlauten_öäüöäüöäüöäüöäüö");
SQL
same_as_plain 'constraints'

new_columns() {
	cat <<-'SQL'
		ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();
		ALTER TABLE orders ADD COLUMN "Token" uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
		ALTER TABLE orders ADD COLUMN n bigserial;
		ALTER TABLE other.plain ADD COLUMN n smallserial PRIMARY KEY;
		ALTER TABLE orders ADD COLUMN k int GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 5) UNIQUE DEFERRABLE INITIALLY DEFERRED;
		ALTER TABLE orders ADD COLUMN c int NOT NULL DEFAULT 5 CHECK (c > 0) REFERENCES customers ON DELETE CASCADE;
		ALTER TABLE orders ADD COLUMN u text UNIQUE COLLATE "C";
	SQL
}
filled() {
	is "$(sql 'SELECT count(DISTINCT token) = count(*) AND count("Token") = count(*) AND count(DISTINCT n) = count(*) AND count(DISTINCT k) = count(*) AND min(k) = 100 AND count(c) = count(*) FROM orders')" t "$1: every row has its value"
	is "$(sql "INSERT INTO orders (id, a) VALUES (9999, 9999) RETURNING n > (SELECT max(n) FROM orders WHERE id < 9999) AND k > (SELECT max(k) FROM orders WHERE id < 9999)")" t "$1: the sequences go on behind the last of them"
}
new_columns | write_migration up
same_as_plain 'new columns'
exits 0 'new columns: up again, exit 0' up
filled 'new columns'
new_columns | write_migration expand
new_database recipe model
exits 0 'new columns of an expand alone: exit 0' up
filled 'new columns of an expand alone'

# With phases the rows are filled in backfill, whether the file has one or not.
{ new_columns; echo '-- migrate:contract'; echo 'ALTER TABLE orders DROP COLUMN note;'; } | write_migration expand
new_database recipe model
exits 0 'new columns with phases: expand alone, exit 0' up --through expand
is "$(sql 'SELECT count(token) + count(n) FROM orders')" 0 'new columns with phases: no old row is filled by expand'
is "$(sql 'INSERT INTO orders (id, a) VALUES (9998, 9998) RETURNING token IS NULL OR n IS NULL OR k IS NULL')" f 'new columns with phases: every new row is'
exits 0 'new columns with phases: backfill, exit 0' up
filled 'new columns with phases'
exits 0 'new columns with phases: down, exit 0' down
sql 'DELETE FROM orders WHERE id > 3000'
shape >"$tmp/after"
shape_before=$(sed -E 's/^([^ ]+ [0-9]+) ([0-9a-f]{32}|-)$/\1/' "$tmp/before")
holds 'new columns with phases: down leads back to where it began' diff <(echo "$shape_before") "$tmp/after"

# --- killed ---------------------------------------------------------------------------------

# die_once VERB: killed behind its first step; true when there was none to do.
die_once() {
	PGSTRIDE_FAULT=step_after:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" "$1" --yes --dir "$tmp/migrations" >"$tmp/died" 2>&1
} 2>/dev/null

# die_on POINT: every run is killed at the first POINT it comes by, until one is through.
die_on() {
	local deaths=0
	while ! PGSTRIDE_FAULT=$1:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >"$tmp/died" 2>&1; do
		[ $((deaths += 1)) -lt 40 ] || return 1
	done
	echo "$deaths" >"$tmp/deaths"
} 2>/dev/null

# killed_everywhere WHAT DEATHS POINT...: planned again from wherever it died, and down again.
killed_everywhere() {
	local point
	new_database plain model
	psql -XAtq -v ON_ERROR_STOP=1 -f "$tmp/migrations/20260101_recipes.sql" >"$tmp/plain.out" 2>&1
	shape >"$tmp/plain"
	for point in "${@:3}"; do
		new_database recipe model
		holds "$1, killed at $point: the next runs end it" die_on "$point"
		[ "$point" != step_after ] || is "$(cat "$tmp/deaths")" "$2" "$1, killed at $point: after each of its steps"
		shape >"$tmp/recipe"
		holds "$1, killed at $point: what is left is what the plain statements leave" diff "$tmp/plain" "$tmp/recipe"
		exits 0 "$1, killed at $point: down, exit 0" down
		snapshot_schema >"$tmp/after"
		holds "$1, killed at $point: down leads back" diff "$tmp/before" "$tmp/after"
	done
}

write_migration up <<'SQL'
ALTER TABLE other.plain ADD PRIMARY KEY (id, x);
ALTER TABLE orders ADD CHECK (amount > 0), ADD UNIQUE (a), ADD CHECK (amount > -1);
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
SQL
killed_everywhere 'constraints' 12 step_after step_sent alone_done
write_migration expand <<'SQL'
ALTER TABLE orders ADD COLUMN k int GENERATED BY DEFAULT AS IDENTITY UNIQUE;
ALTER TABLE other.plain ADD COLUMN n serial PRIMARY KEY;
SQL
killed_everywhere 'new columns' 17 step_after step_sent

# --- rows in the way --------------------------------------------------------------------

# in_the_way WHAT BREAK COUNT KEYS MEND <statement: progress before it is kept.
in_the_way() {
	local statement
	statement=$(cat)
	new_database recipe model
	sql "$2"
	write_migration up <<<"ALTER TABLE orders ADD COLUMN before int; $statement"
	exits 4 "$1: exit 4" up
	like "$err" "$3" "$1: the rows are counted"
	like "$err" "$4" "$1: the first of them are named"
	like "$err" 'partial at 1/' "$1: what is done stays done"
	is "$(sql "SELECT count(*) FROM pg_constraint WHERE conrelid = 'orders'::regclass AND contype <> 'n'")" 0 "$1: no constraint is there to refuse anybody's updates"
	sql "$5"
	exits 0 "$1: mended, it goes on" up
}

in_the_way '25 % violate a CHECK' 'UPDATE orders SET amount = -1 WHERE id % 4 = 0' \
	'at least 100 rows of "orders" violate CHECK \(amount > 0\)' 'row at \([0-9]+,[0-9]+\); row at .*; \.\.\.' 'UPDATE orders SET amount = 1' \
	<<<'ALTER TABLE orders ADD CHECK (amount > 0);'
in_the_way '25 % violate a FOREIGN KEY' 'UPDATE orders SET customer_id = id WHERE id % 4 = 0; ALTER TABLE orders ADD COLUMN k bigint; ' \
	'at least 100 rows of "orders" point at no row of "customers"' 'row at' 'UPDATE orders SET customer_id = 1' \
	<<<'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;'
in_the_way 'half of a MATCH FULL' 'UPDATE orders SET code = NULL WHERE id = 7' \
	'1 row of "orders" points at no row' 'row at' 'UPDATE orders SET region = NULL WHERE id = 7' \
	<<<'ALTER TABLE orders ADD FOREIGN KEY (region, code) REFERENCES customers (region, code) MATCH FULL;'
in_the_way 'duplicates' 'UPDATE orders SET b = 7 WHERE id < 4' \
	'1 key \(b\) of "orders" is there more than once' 'b 7, 4 rows' 'UPDATE orders SET b = id' \
	<<<'ALTER TABLE orders ADD UNIQUE (b);'
in_the_way 'NULLs in a primary key' 'UPDATE orders SET b = NULL WHERE id IN (1, 2)' \
	'2 rows of "orders" are NULL where they must not be: b IS NOT NULL' 'row at .*; row at' 'UPDATE orders SET b = id' \
	<<<'ALTER TABLE orders ADD PRIMARY KEY (b);'
in_the_way 'NULLs under SET NOT NULL' 'UPDATE orders SET b = NULL WHERE id IN (1, 2)' \
	'2 rows of "orders" are NULL' 'row at' 'UPDATE orders SET b = id' \
	<<<'ALTER TABLE orders ALTER b SET NOT NULL;'

# Past the trigger they came, between the question and the proof.
new_database recipe model
write_migration up <<<'ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;'
die_once up
sql 'SET session_replication_role = replica; UPDATE orders SET customer_id = 7777 WHERE id < 3'
exits 1 'rows that came late: exit 1' up
like "$err" '2 rows of "orders" point at no row of "customers": row at .*; row at' 'rows that came late: they are named all the same'
sql 'SET session_replication_role = replica; UPDATE orders SET customer_id = 7 WHERE id < 3'
exits 0 'rows that came late, mended: it goes on' up

# A NULL is like no other, unless the key says so.
new_database recipe model
sql 'UPDATE orders SET b = NULL WHERE id < 4'
write_migration up <<<'ALTER TABLE orders ADD UNIQUE NULLS NOT DISTINCT (b);'
if since 15 'equal NULLs'; then
	exits 4 'equal NULLs: exit 4' up
	like "$err" '1 key \(b\)' 'equal NULLs: they are one key'
fi
write_migration up <<<'ALTER TABLE orders ADD UNIQUE (b);'
exits 0 'different NULLs: exit 0' up

# --- dropping a column -----------------------------------------------------------------------

gone() { is "$(sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attname = '$1'")" 0 "$2"; }
new_database model2 model
sql "ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers;
     CREATE INDEX by_customer ON orders (customer_id);
     CREATE INDEX some_customers ON orders (customer_id) WHERE customer_id > 7;
     CREATE INDEX by_both ON orders (a, note);
     CREATE VIEW notes AS SELECT note FROM orders"
[ "$server_major" -lt 12 ] || sql 'ALTER TABLE orders ADD COLUMN loud text GENERATED ALWAYS AS (upper(note)) STORED'
new_database recipe model2
write_migration contract <<<'ALTER TABLE orders DROP COLUMN customer_id;'
exits 0 'a column with a foreign key: plan, exit 0' pgstride plan --dir "$tmp/migrations"
like "$out" '1  ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_customer_id_fkey' 'a column with a foreign key: it goes first'
like "$out" 'locks ACCESS EXCLUSIVE on public.customers, ACCESS EXCLUSIVE on public.orders' 'a column with a foreign key: its parent is locked first'
like "$out" '2  DROP INDEX CONCURRENTLY IF EXISTS public.by_customer' 'a column with an index: it is dropped concurrently'
like "$out" '3  DROP INDEX CONCURRENTLY IF EXISTS public.some_customers' 'a column with a partial index: it is dropped by name'
up >/dev/null 2>&1
deaths=0
until die_once contract || [ $((deaths += 1)) -gt 9 ]; do :; done
is "$deaths" 4 'a column with all that, killed after each step: it ends'
gone customer_id 'a column with all that, killed after each step: it is gone'
is "$(sql "SELECT count(*) FROM pg_class WHERE relname IN ('by_customer', 'some_customers')")" 0 'a column with all that, killed after each step: its indexes are gone'

if since 12 'a column that others need, generated ones too'; then
	write_migration contract <<<'ALTER TABLE orders DROP COLUMN note;'
	sql 'DROP SCHEMA pgstride CASCADE'
	exits 4 'a column that others need: exit 4 before anything runs' up
	like "$err" '"note" cannot be dropped: 2 things depend on it' 'a column that others need: they are counted'
	like "$err" 'column loud of table orders' 'a column that others need: the generated column is named'
	like "$err" 'view notes' 'a column that others need: the view is named'
	printf -- '-- migrate:contract\nDROP VIEW notes;\nALTER TABLE orders DROP COLUMN loud;\nALTER TABLE orders DROP COLUMN note;\n' >"$tmp/migrations/20260101_recipes.sql"
	exits 4 'an index of two columns: exit 4 before anything runs' up
	like "$err" '1 index that also serves other columns would go with "note"' 'an index of two columns: it is counted'
	like "$err" 'CREATE INDEX by_both ON public.orders USING btree \(a, note\)' 'an index of two columns: it is shown'
	printf -- '-- migrate:contract allow:lost-index:"nobody reads by a"\nDROP VIEW notes;\nALTER TABLE orders DROP COLUMN loud;\nALTER TABLE orders DROP COLUMN note;\n' >"$tmp/migrations/20260101_recipes.sql"
	up >/dev/null 2>&1
	exits 0 'an index of two columns, allowed: exit 0' pgstride contract --yes --dir "$tmp/migrations"
	gone note 'an index of two columns, allowed: the column is gone'
	is "$(sql "SELECT count(*) FROM pg_class WHERE relname = 'by_both'")" 0 'an index of two columns, allowed: so is the index'
fi

# --- what is not done --------------------------------------------------------------------

new_database recipe model
sql "CREATE DOMAIN plain AS text; CREATE DOMAIN given AS plain DEFAULT 'x'; CREATE SCHEMA app;
     CREATE DOMAIN app.mail AS text CHECK (value <> ''); CREATE DOMAIN app.\"Mail\" AS app.mail; CREATE DOMAIN app.key AS text DEFAULT md5(random()::text);
     SET search_path = app; CREATE DOMAIN must AS int NOT NULL; ALTER DATABASE recipe SET search_path = public, app"
for domain in app.mail 'app."Mail"' must app.key; do
	write_migration up <<<"ALTER TABLE orders ADD COLUMN d $domain DEFAULT NULL;"
	exits 4 "a column of the domain $domain: exit 4" up
	like "$err" 'its domain has constraints' "a column of the domain $domain: the reason is told"
done
rows_file=$(sql "SELECT pg_relation_filenode('orders')")
write_migration up <<<'ALTER TABLE orders ADD COLUMN d plain, ADD COLUMN e given, ADD COLUMN f app.mail[];'
exits 0 'columns of domains that ask nothing: exit 0' up
is "$(sql "SELECT pg_relation_filenode('orders')")" "$rows_file" 'columns of domains that ask nothing: no row is written'

# --- a foreign key of a partitioned table ---------------------------------------------------

new_database parted model
sql "CREATE TABLE days (id int, day date, gone int, customer bigint) PARTITION BY RANGE (day);
     ALTER TABLE days DROP COLUMN gone;
     CREATE TABLE \"Days 2024\" PARTITION OF days FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
     CREATE TABLE days_2025 PARTITION OF days FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (day);
     CREATE TABLE other.days_2025_h1 PARTITION OF days_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
     CREATE TABLE days_2025_h2 PARTITION OF days_2025 FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
     CREATE INDEX ON days (customer);
     INSERT INTO days SELECT g, date '2024-01-01' + g % 700, g % 100 + 1 FROM generate_series(1, 3000) g"
snapshot_schema >"$tmp/before"
write_migration up <<'SQL'
ALTER TABLE days ADD FOREIGN KEY (customer) REFERENCES customers ON DELETE CASCADE ON UPDATE SET NULL DEFERRABLE, ADD CHECK (id > 0);
SQL
# Every foreign key of the tree, whose part it is, and its triggers.
foreign_keys() {
	sql "SELECT k.conname, k.conrelid::regclass, pg_get_constraintdef(k.oid), k.convalidated, k.coninhcount, k.conislocal, p.conrelid::regclass,
	            (SELECT array_agg(t.tgrelid::regclass || ' ' || t.tgfoid::regproc ORDER BY 1) FROM pg_trigger t WHERE t.tgconstraint = k.oid)
	       FROM pg_constraint k LEFT JOIN pg_constraint p ON p.oid = k.conparentid WHERE k.contype = 'f' ORDER BY 1, 2"
}
if [ "$server_major" -lt 12 ]; then
	exits 4 'a foreign key of a partitioned table: exit 4' up
	like "$err" 'takes no foreign key NOT VALID' 'a foreign key of a partitioned table: the reason is told'
	finish
fi
new_database plain parted
psql -XAtq -v ON_ERROR_STOP=1 -f "$tmp/migrations/20260101_recipes.sql"
foreign_keys >"$tmp/plain"
is "$(wc -l <"$tmp/plain")" 5 'a foreign key of a partitioned table: the plain statement makes five'
new_database recipe parted
cat >"$tmp/writer.sql" <<-'SQL'
	\set n 100000 + :client_id * 100000 + random(1, 90000)
	INSERT INTO days (id, day, customer) VALUES (:n, date '2024-01-01' + :n % 700, :n % 100 + 1);
	UPDATE days SET customer = 7 WHERE id = :n;
	DELETE FROM days WHERE id = :n;
	SELECT code FROM customers WHERE id = 9;
SQL
begin_waits
pgbench -n -c 3 -R 100 -T 300 -f "$tmp/writer.sql" >"$tmp/writers.out" 2>&1 &
writers=$!
wait_until sql "SELECT 1 / (pg_stat_get_db_xact_commit(oid) > 100)::int FROM pg_database WHERE datname = 'recipe'"
exits 0 'a foreign key of a partitioned table: exit 0' up
kill "$writers"
wait "$writers" 2>/dev/null
unlike "$(cat "$tmp/writers.out")" 'ERROR|aborted' 'a foreign key of a partitioned table: nobody met an error'
is "$(long_waits pgbench 'Lock on relation')" '' 'a foreign key of a partitioned table: nobody waited longer than the budget'
holds 'a foreign key of a partitioned table: it is that of the plain statement' diff "$tmp/plain" <(foreign_keys)
exits 0 'a foreign key of a partitioned table: down, exit 0' down
sql 'DELETE FROM days WHERE id > 3000; UPDATE days SET customer = id % 100 + 1'
holds 'a foreign key of a partitioned table: down leads back to where it began' diff "$tmp/before" <(snapshot_schema)

new_database recipe parted
sql "UPDATE days SET customer = 1000 WHERE id IN (5, 2000)"
exits 4 'rows of partitions that point at nothing: exit 4' up
like "$err" '2 rows of "days" point at no row of "customers"' 'rows of partitions that point at nothing: they are counted'
is "$(foreign_keys)" '' 'rows of partitions that point at nothing: no key is there to refuse anybody'
sql "UPDATE days SET customer = 1 WHERE customer = 1000"
# The table's own finds what was validated, wherever the runs before it were killed, and a
# partition that came and one that went meanwhile are no reason to begin again.
killed_with_changes() {
	local deaths=0
	while ! PGSTRIDE_FAULT=step_after:1 "${PGSTRIDE_FAULTS:-$root/build/pgstride-faults}" up --yes --dir "$tmp/migrations" >"$tmp/died" 2>&1; do
		[ $((deaths += 1)) -lt 20 ] || return 1
		[ "$deaths" != 2 ] || sql "CREATE TABLE days_2023 PARTITION OF days FOR VALUES FROM ('2023-01-01') TO ('2024-01-01'); INSERT INTO days VALUES (1, '2023-05-01', 1)"
		[ "$deaths" != 3 ] || sql 'ALTER TABLE days_2025 DETACH PARTITION days_2025_h2'
	done
	[ "$deaths" -gt 3 ]
} 2>/dev/null
holds 'partitions come and go between runs that are killed: the next ones end it' killed_with_changes
is "$(foreign_keys | cut -d'|' -f1-2,4-6 | grep -v days_2025_h2)" 'days_customer_fkey|days|t|0|t
days_customer_fkey|"Days 2024"|t|1|f
days_customer_fkey|days_2025|t|1|f
days_customer_fkey|other.days_2025_h1|t|1|f
days_customer_fkey|days_2023|t|1|f' 'partitions come and go: every one has the key'
exits 0 'partitions come and go: up again agrees' up
exits 0 'partitions come and go: down, exit 0' down
is "$(foreign_keys | grep -v days_2025_h2)" '' 'partitions come and go: down leaves no key behind'
if [ "$server_major" -lt 18 ]; then
	is "$(foreign_keys)" '' 'partitions come and go: nor on the one that went'
	new_database recipe parted
	sql "CREATE FUNCTION late() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ BEGIN IF to_regclass('public.days_2023') IS NULL THEN
	       CREATE TABLE public.days_2023 PARTITION OF public.days FOR VALUES FROM ('2023-01-01') TO ('2024-01-01'); INSERT INTO public.days VALUES (1, '2023-05-01', 1);
	     END IF; END \$\$;
	     CREATE EVENT TRIGGER late ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION late()"
	exits 4 'a partition with rows comes during the run: exit 4' up
	like "$err" '1 partition of "days" came while the others got their foreign key' 'a partition with rows comes during the run: nothing is read under the lock'
	like "$err" 'days_2023' 'a partition with rows comes during the run: it is named'
	exits 0 'a partition with rows comes during the run: the next run ends it' up
	is "$(sql "SELECT convalidated FROM pg_constraint WHERE conrelid = 'days_2023'::regclass AND contype = 'f' AND conparentid <> 0")" t 'a partition with rows comes during the run: it has its part'
	exits 0 'a partition with rows comes during the run: down, exit 0' down
	sql 'ALTER TABLE "Days 2024" ADD FOREIGN KEY (customer) REFERENCES customers ON DELETE CASCADE'
	exits 4 'a partition with a foreign key like it: exit 4' up
	like "$err" 'a partition has one like it already' 'a partition with a foreign key like it: the reason is told'
	write_migration up <<<'ALTER TABLE customers ADD CHECK (id > 0); ALTER TABLE days ADD FOREIGN KEY (day) REFERENCES by_day;'
	sql 'CREATE TABLE by_day (day date PRIMARY KEY) PARTITION BY RANGE (day)'
	exits 4 'a foreign key between partitioned tables: exit 4' up
	like "$err" 'takes no foreign key NOT VALID, and the table that it points at is partitioned' 'a foreign key between partitioned tables: the reason is told'
fi
finish
