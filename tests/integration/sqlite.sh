#!/bin/bash
# once: there is no extension for a file
# sqlite.sh: what is SQLite's own: files that are none, locks, tables made again, keys,
# backups, full disks, and what a migration may not say.
. "$(dirname "$0")/../lib.sh"
folder=$tmp/migrations
file=$tmp/shop.db

query() { sqlite3 -cmd '.timeout 10000' "$file" "$1"; }
go() { pgstride "$@" --database "sqlite:$file" --dir "$folder"; }
migration() { mkdir -p "$folder" && cat >"$folder/$1"; }
fresh() {
	rm -rf "$folder" "$file"*
	mkdir -p "$folder"
	: >"$file"
}

# Everything that a usual rebuild loses.
made_again() {
	fresh
	migration 20260101_shop.sql <<-'SQL'
		CREATE TABLE users (id integer PRIMARY KEY AUTOINCREMENT, name text, age int DEFAULT (1 + 1));
		CREATE TABLE notes (body text, extra text AS (upper(body)));
		CREATE TABLE sessions (user integer NOT NULL REFERENCES users ON DELETE CASCADE);
		CREATE INDEX users_name ON users (name COLLATE NOCASE) WHERE age > 1;
		CREATE VIEW names AS SELECT name FROM users;
		CREATE TABLE told (what text);
		CREATE TRIGGER tell AFTER UPDATE OF name ON users BEGIN INSERT INTO told VALUES ('a;b'); END;
	SQL
	exits 0 'a shop' go up
	query "INSERT INTO users (name) VALUES ('a'), ('b'), ('c'); DELETE FROM users WHERE id = 3;
		INSERT INTO sessions SELECT id FROM users;
		INSERT INTO notes (body) VALUES ('x'), ('y'), ('z'); DELETE FROM notes WHERE rowid = 1"
	migration 20260201_again.sql <<-'SQL'
		ALTER TABLE users ALTER COLUMN name SET NOT NULL;
		ALTER TABLE users ALTER COLUMN age TYPE bigint;
		ALTER TABLE users ADD CONSTRAINT grown CHECK (age < 200);
		ALTER TABLE notes ALTER COLUMN body SET DEFAULT 'nothing';
	SQL
	exits 0 'plan says that tables are made again' go plan
	like "$out" 'makes the table again' 'in a note'
	exits 0 'and they are' go up --yes
	is "$(query 'SELECT count(*) FROM sessions')" 2 'children stay'
	is "$(query "INSERT INTO users (name) VALUES ('d') RETURNING id")" 4 'no number is given twice'
	is "$(query "SELECT group_concat(rowid || body || extra) FROM notes")" '2yY,3zZ' 'rowids stay, and generated columns'
	is "$(query "UPDATE users SET name = 'B' WHERE id = 2; SELECT what FROM told")" 'a;b' 'triggers stay'
	is "$(query 'SELECT count(*) FROM names')" 3 'views stay'
	like "$(query "SELECT sql FROM sqlite_schema WHERE name = 'users_name'")" 'NOCASE\) WHERE age > 1' 'indexes stay'
	like "$(query '.schema users')" 'name text NOT NULL, age bigint DEFAULT \(1 \+ 1\), CONSTRAINT grown CHECK' 'and it is what was asked for'
	is "$(query "INSERT INTO users (name, age) VALUES ('e', 300)" 2>&1 | grep -c grown)" 1 'the check holds'
	is "$(query 'PRAGMA integrity_check')" ok 'the file is whole'
	migration 20260301_less.sql <<-'SQL'
		ALTER TABLE users DROP CONSTRAINT grown;
		ALTER TABLE users ALTER COLUMN name DROP NOT NULL;
		ALTER TABLE users ALTER COLUMN age DROP DEFAULT;
	SQL
	exits 0 'and back' go up --yes
	like "$(query '.schema users')" 'name text *, age bigint *\)' 'all of it is gone'
	migration 20260401_none.sql <<<'ALTER TABLE users DROP CONSTRAINT grown;'
	exits 4 'a constraint that is not there' go plan
	like "$err" '20260401_none.sql:1.*no constraint "grown"' 'is named, with its place'
}

# All that there is of t and around it, but for how its own text is spaced and quoted.
all_of_t() {
	sqlite3 "$file" <<-'SQL'
		.mode quote
		SELECT type, name, tbl_name, CASE WHEN type = 'table' AND name = 't'
		       THEN lower(replace(replace(replace(replace(sql, ' ', ''), '"', ''), char(9), ''), char(10), '')) ELSE sql END
		  FROM sqlite_schema WHERE name NOT LIKE 'pgstride%' AND tbl_name NOT LIKE 'pgstride%' ORDER BY 1, 2;
		SELECT * FROM pragma_table_list WHERE name = 't';
		SELECT * FROM pragma_table_xinfo('t');
		SELECT * FROM pragma_foreign_key_list('t');
		SELECT l.*, i.* FROM pragma_index_list('t') l, pragma_index_xinfo(l.name) i ORDER BY l.name, i.seqno;
		SELECT * FROM t;
		SELECT * FROM child;
		SELECT * FROM sqlite_sequence WHERE name NOT LIKE 'pgstride%' ORDER BY 1;
	SQL
	case $1 in *WITHOUT*) ;; *) query 'SELECT _rowid_, x FROM t ORDER BY 1' ;; esac
	query 'PRAGMA integrity_check; PRAGMA foreign_key_check'
}

# Tables of all sorts are made again, and in the end with nothing changed.
nothing_lost() {
	local table before again='ALTER TABLE t ALTER COLUMN x SET NOT NULL; ALTER TABLE t ALTER COLUMN x DROP NOT NULL;'
	while IFS='~' read -r table more; do
		fresh
		query "CREATE TABLE child (t int REFERENCES t ON DELETE CASCADE); CREATE TABLE numbered (n integer PRIMARY KEY AUTOINCREMENT);
			CREATE TABLE t $table;
			INSERT INTO t (x) VALUES ('one'), ('two'), ('three''s'), (x'00ff'), (4.5); ${more//;;/;}
			DELETE FROM t WHERE x IN ('one', 4.5)" 2>"$tmp/why" || fails "made: $table" "$tmp/why"
		migration 20260101_again.sql <<<"$again"
		before=$(all_of_t "$table" 2>&1)
		exits 0 "made again: $table" go up --yes --no-backup
		is "$(all_of_t "$table" 2>&1)" "$before" 'and nothing is lost'
	done <<-'TABLES'
		(id integer PRIMARY KEY AUTOINCREMENT, x text)~INSERT INTO child VALUES (2), (3);
		(x text, y text)
		(x INTEGER PRIMARY KEY DESC, y text) ~
		(id integer PRIMARY KEY DESC, x text)
		(a text DEFAULT 'a', b int DEFAULT 1, x text, PRIMARY KEY (x, a, b DESC)) WITHOUT ROWID
		(x text, g text GENERATED ALWAYS AS (upper(x)) STORED, v AS (x || '!') VIRTUAL, y int)
		(id integer PRIMARY KEY, x ANY, b blob) STRICT
		(id integer PRIMARY KEY, x text DEFAULT 'a,(b' CHECK (x <> 'no, not "x"'), y int DEFAULT (1 + (2)), CONSTRAINT "odd, name" CHECK (length(x) < 100), UNIQUE (x, id) ON CONFLICT REPLACE)
		(id integer PRIMARY KEY, x text, up int REFERENCES t ON DELETE CASCADE, n int REFERENCES numbered (n) ON UPDATE SET NULL DEFERRABLE INITIALLY DEFERRED)~UPDATE t SET up = 2; INSERT INTO child VALUES (2);
		(x text COLLATE NOCASE UNIQUE, y text)~CREATE INDEX i ON t (lower(x) DESC, y COLLATE RTRIM) WHERE x > 'a' AND y IS NULL; CREATE UNIQUE INDEX "j k" ON t (x, y);
		(id integer PRIMARY KEY, x text)~CREATE VIEW v AS SELECT x FROM t; CREATE VIEW w AS SELECT x FROM v; CREATE TRIGGER g INSTEAD OF INSERT ON w BEGIN INSERT INTO t (x) VALUES (new.x); END; CREATE TRIGGER h AFTER UPDATE OF x ON t WHEN new.x <> ';' BEGIN INSERT INTO child SELECT id FROM t; END; CREATE TRIGGER k AFTER INSERT ON child BEGIN UPDATE t SET x = 'k' WHERE id = new.t; END;
		("order" int, "check" text, [a b] int, `c"d` text, "x" text, "constraint" text)
		(rowid text, x text)
		(rowid text, oid text, x text, id integer PRIMARY KEY)
		(x "character varying" (20), y double precision NOT NULL DEFAULT -1.5e3, z DATETIME DEFAULT CURRENT_TIMESTAMP)~UPDATE t SET z = 'then';
		(id integer PRIMARY KEY, x text)~CREATE VIRTUAL TABLE f USING fts5 (x, content='t', content_rowid='id'); INSERT INTO f (f) VALUES ('rebuild'); CREATE TRIGGER fi AFTER DELETE ON t BEGIN INSERT INTO f (f, rowid, x) VALUES ('delete', old.id, old.x); END;
	TABLES
	fresh
	query "CREATE TABLE t (id integer PRIMARY KEY, x text, y text); INSERT INTO t (x) VALUES ('a'); CREATE VIEW v AS SELECT y FROM t"
	migration 20260101_again.sql <<<'ALTER TABLE t ALTER COLUMN x SET NOT NULL; ALTER TABLE t DROP COLUMN y;'
	exits 4 'what a view needs stays' go up --yes
	like "$err" '20260101_again.sql:1.*error in view v' 'and is named'
}

# Contract writes the table once: the file grows by what is left of it, not by all of it.
once() {
	local order size
	fresh
	query "CREATE TABLE t (id integer PRIMARY KEY, old text NOT NULL, new text);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
		INSERT INTO t SELECT i, hex(randomblob(500)), hex(randomblob(500)) FROM n; CREATE INDEX t_new ON t (new)"
	cp "$file" "$tmp/template.db"
	while read -r order; do
		fresh
		cp "$tmp/template.db" "$file"
		migration 20260101_t.sql < <(printf -- '-- migrate:contract\n%s\n' "$order")
		go up --yes >/dev/null 2>&1
		size=$(stat -c %s "$file")
		exits 0 "contract: $order" go contract --yes --no-backup
		holds 'writes the table once' test $((size * 3 / 2)) -gt "$(stat -c %s "$file")"
		like "$(query '.schema t')" 'old"? text NOT NULL\)' 'has what it asks for'
		is "$(query 'SELECT count(*), sum(length(old)) FROM t')" '2000|2000000' 'with all rows'
		like "$(query "SELECT sql FROM sqlite_schema WHERE name = 't_new'")" 't_new ON t \("?old"?\)' 'and its index'
	done <<-'ORDERS'
		ALTER TABLE t ALTER COLUMN new SET NOT NULL; ALTER TABLE t DROP COLUMN old; ALTER TABLE t RENAME COLUMN new TO old;
		ALTER TABLE t DROP COLUMN old; ALTER TABLE t RENAME COLUMN new TO old; ALTER TABLE t ALTER COLUMN old SET NOT NULL;
	ORDERS
}

# A parent that goes would leave its children pointing at nothing.
keys() {
	fresh
	migration 20260101_shop.sql <<-'SQL'
		CREATE TABLE users (id integer PRIMARY KEY);
		CREATE TABLE sessions (user integer NOT NULL REFERENCES users ON DELETE CASCADE);
		INSERT INTO users VALUES (1);
		INSERT INTO sessions VALUES (1);
	SQL
	go up >/dev/null 2>&1
	migration 20260201_drop.sql <<<'DROP TABLE users;'
	exits 1 'a parent with children is not dropped' go up --yes
	like "$err" '1 row would point at nothing: sessions -> users' 'they are named'
	is "$(query 'SELECT count(*) FROM sessions')" 1 'and still there'
	is "$(query 'SELECT count(*) FROM users')" 1 'as it is'
}

refusals() {
	fresh
	while IFS='|' read -r sql says; do
		migration 20260101_bad.sql <<<"$sql"
		exits 2 "refused: $sql" go up --yes
		like "$err" "20260101_bad.sql:1: $says" 'with file, line and reason'
		like "$err" 'hint: ' 'and a cure'
	done <<-'CASES'
		PRAGMA foreign_keys = OFF;|.*nothing inside a transaction
		PRAGMA main.writable_schema = ON;|.*can destroy
		PRAGMA main.'writable_schema' = ON;|.*can destroy
		PRAGMA "journal_mode" = WAL;|PRAGMA journal_mode is how
		ATTACH 'other.db' AS other;|ATTACH does not work
		BEGIN IMMEDIATE;|a migration does not control
		.mode csv|dot-commands
	CASES
	migration 20260101_bad.sql <<<'VACUUM;'
	: >"$file"
	exits 0 'a plan' go plan
	is "$(stat -c %s "$file")" 0 'leaves the file alone'
	exits 0 'VACUUM runs alone' go up --yes
}

files() {
	local said
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (a int);'
	exits 6 'no file' pgstride plan -d "sqlite:$tmp/new.db" --dir "$folder"
	like "$err" 'pgstride up makes it, or touch' 'is told how to be made'
	exits 6 'no file, --dry-run' pgstride up --dry-run -d "sqlite:$tmp/new.db" --dir "$folder"
	unlike "$(ls "$tmp")" 'new\.db' 'is not made to look at it'
	mkdir "$tmp/others" && echo 'CREATE TABLE t (a int)' >"$tmp/others/20260101_t.mysql.up.sql"
	exits 4 'no file, and a folder for another engine' pgstride up --yes -d "sqlite:$tmp/new.db" --dir "$tmp/others"
	unlike "$(ls "$tmp")" 'new\.db' 'is not made for a folder that is refused'
	mkdir "$tmp/twice" && echo 'CREATE TABLE t (a int); CREATE TABLE t (b int);' >"$tmp/twice/20260101_t.sql"
	exits 4 'no file, and a folder that the library would refuse' pgstride up --yes -d "sqlite:$tmp/new.db" --dir "$tmp/twice"
	like "$err" '20260101_t.sql:1.*table t already exists' 'with its words'
	unlike "$(ls "$tmp")" 'new\.db' 'is not made for that either'
	exits 4 'an empty file' pgstride up --yes -d "sqlite:$file" --dir "$tmp/twice"
	is "$(stat -c %s "$file")" 0 'stays empty'
	query 'CREATE TABLE other (a)'
	said=$(cksum <"$file")
	exits 4 'a file of somebody else' pgstride goto 20260101 --yes -d "sqlite:$file" --dir "$tmp/twice"
	is "$(cksum <"$file")" "$said" 'is as it was'
	exits 0 'no file, up' pgstride up --yes -d "sqlite:$tmp/new.db" --dir "$folder"
	like "$err" 'there was no .*new.db: an empty database was made' 'is told'
	like "$err" '^new\.db on SQLite' 'is named above its steps'
	is "$(sqlite3 "$tmp/new.db" 'SELECT count(*) FROM t')" 0 'is made'
	exits 6 'no directory' pgstride up -d "sqlite:$tmp/none/none.db" --dir "$folder"
	like "$err" 'there is no directory' 'is said'
	seq 1000 >"$tmp/text.db"
	exits 6 'no database' pgstride up -d "sqlite:$tmp/text.db" --dir "$folder"
	like "$err" 'is no SQLite database' 'is said'
	exits 2 'memory' pgstride up -d 'sqlite::memory:' --dir "$folder"
	like "$err" 'ends with the program' 'is no place to migrate'
	printf '\x09' | dd of="$file" bs=1 seek=18 conv=notrunc 2>/dev/null # the version that may write it
	exits 6 'a file that only a newer SQLite writes' go up --yes
	like "$err" 'newer SQLite' 'is said to be one'
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (a int);'
	while IFS='|' read -r beside owner; do
		mkdir "$tmp/$beside"
		exits 4 "files of $owner" go up --yes
		like "$err" "belongs to $owner" 'are its own'
		rmdir "$tmp/$beside"
	done <<-'MANAGED'
		raft|rqlite
		metadata1|dqlite
		wallog|libsql-server
	MANAGED
	migration 20260101_t.postgres.up.sql <<<'THIS IS NOT FOR SQLITE'
	rm "$folder/20260101_t.sql"
	migration 20260101_t.sqlite3.up.sql <<<'CREATE TABLE t (a int);'
	exits 0 'the file for this engine is taken' go up --yes --layout native
	is "$(query 'SELECT count(*) FROM t')" 0 'and no other'
}

# A disk that nobody can write to: what only looks still looks, where SQLite can.
read_only() {
	local disk=$tmp/read_only
	mkdir "$disk"
	if ! mount -t tmpfs tmpfs "$disk" 2>/dev/null; then
		skip 'a read-only disk' 'no tmpfs can be mounted here'
		return
	fi
	trap 'umount -l "$tmp/read_only"; clean_up' EXIT
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (a int);'
	sqlite3 "$disk/shop.db" 'CREATE TABLE other (a)'
	sqlite3 "$disk/wal.db" 'PRAGMA journal_mode = WAL; CREATE TABLE other (a)' >/dev/null
	mount -o remount,ro "$disk"
	exits 0 'a read-only file: status' pgstride status -d "sqlite:$disk/shop.db" --dir "$folder"
	exits 6 'and up' pgstride up --yes -d "sqlite:$disk/shop.db" --dir "$folder"
	like "$err" "attempt to write a readonly database: \"$disk/shop.db\": Read-only file system" 'is told why'
	like "$err" 'must be writable for who migrates' 'and what helps'
	exits 6 'in WAL mode' pgstride status -d "sqlite:$disk/wal.db" --dir "$folder"
	like "$err" 'where nothing can be written it cannot be read either' 'not even that'
	umount "$disk"
	trap clean_up EXIT
}

# Somebody has the file for longer than we wait.
locked() {
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (a int);'
	mkfifo "$tmp/hold"
	sqlite3 "$file" <"$tmp/hold" >"$tmp/held" &
	exec 8>"$tmp/hold"
	echo 'BEGIN IMMEDIATE; SELECT 1;' >&8
	wait_until grep -q 1 "$tmp/held"
	exits 5 'a writer that stays' go up --yes
	like "$err" '^Error: database is locked$' 'is told in the words that people look for'
	like "$err" 'pid [0-9]+ \(sqlite3\)' 'and by name'
	like "$err" 'had ".*" for 10\.' 'after ten seconds'
	exits 5 'or sooner' go up --yes --lock-patience 300ms
	like "$err" 'had ".*" for 0\.[3-9] s' 'where that is asked for'
	exec 8>&-
	wait
	exits 0 'gone, up goes on' go up --yes
}

backups() {
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (a int, b int);'
	go up --yes >/dev/null 2>&1
	query 'INSERT INTO t VALUES (1, 2)'
	migration 20260201_drop.sql <<<'ALTER TABLE t DROP COLUMN b;'
	exits 0 'a column goes' go up --yes
	like "$err" "backup $file.*bak, checked" 'a copy of it is kept, and said'
	is "$(sqlite3 "$file".*.bak 'SELECT b FROM t')" 2 'with what went'
	cp "$file".*.bak "$tmp/back.db"
	is "$(sqlite3 "$tmp/back.db" 'PRAGMA integrity_check')" ok 'whole'
	exits 0 'it takes the place of the file' pgstride up --yes --no-backup --database "sqlite:$tmp/back.db" --dir "$folder"
	is "$(sqlite3 "$tmp/back.db" "SELECT group_concat(version || state) FROM pgstride_migrations; SELECT * FROM t")" "$(query "SELECT group_concat(version || state) FROM pgstride_migrations; SELECT * FROM t")" 'and goes the same way again'
	rm "$file".*.bak
	migration 20260301_drop.sql <<<'DROP TABLE t;'
	exits 0 'or not' go up --yes --no-backup
	is "$(find "$tmp" -name '*.bak')" '' 'where it is declined'
}

# What is full says so, nothing is half done, and there is a way on.
full_disk() {
	local disk=$tmp/disk
	mkdir "$disk"
	if ! mount -t tmpfs -o size=2m tmpfs "$disk" 2>/dev/null; then
		skip 'a full disk' 'no tmpfs can be mounted here'
		return
	fi
	trap 'umount -l "$tmp/disk"; clean_up' EXIT
	fresh
	file=$disk/shop.db
	: >"$file"
	migration 20260101_t.sql <<<'CREATE TABLE t (id integer PRIMARY KEY, a text);'
	exits 0 'there is room for this' go up
	migration 20260201_fill.sql <<-'SQL'
		CREATE TABLE u (id integer PRIMARY KEY, a text);
		INSERT INTO u WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
			SELECT i, hex(randomblob(500)) FROM n;
	SQL
	exits 1 'and none for that' go up --yes
	like "$err" 'full' 'which is said'
	like "$err" 'rolled back' 'with what became of it'
	is "$(query 'PRAGMA integrity_check')" ok 'the file is whole'
	is "$(query "SELECT count(*) FROM sqlite_schema WHERE name = 'u'")" 0 'nothing of it is there'
	mount -o remount,size=20m "$disk"
	exits 0 'with room, up goes on' go up --yes
	is "$(query 'SELECT count(*) FROM u')" 4000 'to the end'
	umount "$disk"
	trap clean_up EXIT
	file=$tmp/shop.db
}

# Rows that break a constraint are named, the others filled.
poison() {
	fresh
	migration 20260101_t.sql <<<'CREATE TABLE t (id integer PRIMARY KEY, a int, b int CHECK (b <> 666));'
	go up >/dev/null 2>&1
	query 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO t SELECT i, i, NULL FROM n'
	migration 20260201_fill.sql <<-'SQL'
		-- migrate:expand
		-- migrate:backfill
		UPDATE t SET b = a WHERE b IS NULL;
	SQL
	exits 1 'a row that cannot be filled' go up --yes
	like "$err" '1 row of "t" could not be filled' 'is counted'
	like "$err" 'rowid 666: ' 'and named'
	is "$(query 'SELECT count(*) FROM t WHERE b = a')" 1499 'the others are done'
	query 'UPDATE t SET a = 667 WHERE id = 666'
	exits 0 'mended, up goes on' go up --yes
	migration 20260301_twice.sql <<-'SQL'
		-- migrate:expand
		-- migrate:backfill
		UPDATE t SET b = b * 2 WHERE b < 100;
	SQL
	exits 4 'what would be changed again and again' go up --yes
	like "$err" 'change rows again' 'is refused'
	is "$(query 'SELECT b FROM t WHERE id = 40')" 40 'and not begun'
}

# fill NAME: every row of a table of 8,000 pages is written again.
fill() {
	migration "$1_fill.sql" <<-SQL
		-- migrate:expand
		-- migrate:backfill
		UPDATE t SET b = '$1' WHERE b <> '$1';
	SQL
	exits 0 "a backfill, $2" go up --yes
}
wal_grown() { [ "$(stat -c %s "$file-wal" 2>/dev/null || echo 0)" -gt $((16 << 20)) ]; }

# A reader that stays keeps the WAL; who replicates it wants it for itself.
wal() {
	fresh
	query 'PRAGMA journal_mode = WAL; CREATE TABLE t (id integer PRIMARY KEY, a text, b text)' >/dev/null
	query "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8000)
		INSERT INTO t SELECT i, hex(randomblob(1500)), '20260000' FROM n"
	fill 20260101 'nobody in the way'
	unlike "$err" 'WAL|Litestream' 'has nothing to say of the WAL'
	mkfifo "$tmp/read"
	sqlite3 "$file" <"$tmp/read" >"$tmp/seen" &
	exec 8>"$tmp/read"
	echo 'BEGIN; SELECT count(*) FROM t;' >&8
	wait_until grep -q 8000 "$tmp/seen"
	fill 20260201 'a reader stays'
	like "$err" 'a reader that stays keeps the WAL from being written back: (1[6-9]|2[0-9]) MB' 'tells that it grows'
	holds 'as it does' wal_grown
	exec 8>&-
	wait
	mkdir "$tmp/.shop.db-litestream"
	fill 20260301 'Litestream beside it'
	like "$err" 'Litestream replicates this file: the WAL is left to it' 'leaves the WAL alone'
	rmdir "$tmp/.shop.db-litestream"
}

# keyed TABLE: with 1,500 rows, of which k and n are the two halves of a key.
keyed() {
	fresh
	query "CREATE TABLE t ($1; INSERT INTO t (k, n)
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
		SELECT CASE i % 3 WHEN 0 THEN 'o''' || i WHEN 1 THEN 'K' || i ELSE 'k' || (i / 100) END, i FROM n"
	migration 20260101_fill.sql <<-'SQL'
		-- migrate:expand
		ALTER TABLE t ADD COLUMN b text;
		-- migrate:backfill sync:forward
		UPDATE t SET b = k || '' WHERE b IS NULL;
	SQL
}

# By the primary key where there are no rowids, else by a name of theirs that is free.
keyless() {
	local table
	while read -r table; do
		keyed "$table"
		exits 137 "killed in a backfill of: $table" env PGSTRIDE_FAULT=batch_after:2 "$root/build/pgstride-faults" up --yes --database "sqlite:$file" --dir "$folder"
		holds 'between two of its batches' test "$(query 'SELECT count(*) FROM t WHERE b IS NULL')" -gt 0
		query "INSERT INTO t (k, n) VALUES ('z', 5000); UPDATE t SET k = 'new' WHERE n = 1"
		is "$(query "SELECT group_concat(b) FROM (SELECT b FROM t WHERE n IN (1, 5000) ORDER BY n)")" 'new,z' 'its triggers find the row'
		exits 0 'it goes on' go up --yes
		like "$err" '[0-9]+ of 1,(499|500) rows in ' 'and tells what this run did'
		is "$(query 'SELECT count(*) FROM t WHERE b IS k')" 1501 'to the last row'
		is "$(query 'SELECT rows_done BETWEEN 1499 AND 1500 FROM pgstride_backfills')" 1 'each done once'
	done <<-'CASES'
		k text, n int, PRIMARY KEY (k, n)) WITHOUT ROWID
		n int PRIMARY KEY, k text NOT NULL) WITHOUT ROWID
		k text COLLATE NOCASE, n int, PRIMARY KEY (k COLLATE BINARY, n DESC)) WITHOUT ROWID
		k ANY, n real, PRIMARY KEY (n, k)) WITHOUT ROWID, STRICT
		k text, n int, RowId text)
		rowid integer PRIMARY KEY, k text, n int)
	CASES
	keyed 'k text, n int, rowid text, oid text, _rowid_ text)'
	exits 4 'no backfill where no name is left for them' go up --yes
	like "$err" '20260101_fill.sql:4: .*rowids: columns of its own are named' 'with its place and why'
	like "$err" 'hint: .*repeat:true' 'and a way'
	is "$(query "SELECT count(*) FROM pragma_table_info('t') WHERE name = 'b'")" 0 'nothing of it is there'
	migration 20260101_fill.sql <<-'SQL'
		-- migrate:expand
		ALTER TABLE t ADD COLUMN b text;
		-- migrate:backfill repeat:true sync:off
		UPDATE t SET b = k WHERE n IN (SELECT n FROM t WHERE b IS NULL LIMIT 500);
	SQL
	exits 0 'that way' go up --yes
	is "$(query 'SELECT count(*) FROM t WHERE b = k')" 1500 'fills them'
}

# rows_told TABLE: what plan says of it.
rows_told() {
	printf -- '-- migrate:expand\nALTER TABLE %s ADD COLUMN b text;\n-- migrate:backfill\nUPDATE %s SET b = a;\n' "$1" "$1" | migration 20260101_fill.sql
	go plan | sed -n 's/.*(\([0-9,]*\) rows.*/\1/p' | tr -d ,
}
within() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

# A plan of a big table does not count it.
estimates() {
	fresh
	query "CREATE TABLE apart (id integer PRIMARY KEY, a text); CREATE TABLE drawn (id integer PRIMARY KEY, a text);
		CREATE TABLE named (id text PRIMARY KEY, a text) WITHOUT ROWID; CREATE TABLE few (a text);
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000) INSERT INTO apart SELECT i * 1000, 'a' FROM n;
		INSERT INTO drawn SELECT abs(random()), a FROM apart; INSERT INTO named SELECT 'k' || id, a FROM apart;
		INSERT INTO few VALUES ('a'), ('b')"
	is "$(rows_told few)" 2 'a small table is counted'
	is "$(rows_told apart)" 120000 'keys with gaps are told by how dense they are'
	holds 'as those drawn by lot' within "$(rows_told drawn)" 110000 130000
	is "$(rows_told named)" '' 'no number is better than a wrong one'
	query ANALYZE
	is "$(rows_told named)" 120000 'ANALYZE knows'
}

# The story that people try first: no server, one file, and whoever works on it goes on.
demo() {
	exits 0 'the demo works' env ROWS=20000 "$root/tests/demo/demo.sh" sqlite
	like "$out" 'The shop never closed: 0 errors, 0 wrong reads' 'and says what was felt'
	is "$(find "$root/build" -maxdepth 1 -name 'demo.*')" '' 'it leaves nothing behind'
	exits 2 'a demo of another engine' "$root/tests/demo/demo.sh" oracle
	like "$out$err" 'ENGINE=oracle.*: mysql, postgres, sqlite$' 'is told which there are'
}

made_again
nothing_lost
once
keys
refusals
files
read_only
locked
backups
poison
full_disk
wal
keyless
estimates
demo
finish
