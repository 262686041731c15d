#!/bin/bash
# once: there is no extension for a file
# sqlite_authorizer.sh: what a statement does, in the library's own words.
. "$(dirname "$0")/../lib.sh"
folder=$tmp/migrations
file=$tmp/shop.db

query() { sqlite3 "$file" "$1"; }
go() { pgstride "$@" --database "sqlite:$file" --dir "$folder"; }
migration() { cat >"$folder/$1"; }
all() { query 'SELECT count(*), group_concat(state) FROM pgstride_migrations; SELECT sql FROM sqlite_schema'; }

# What only the library sees: calls, and what triggers and views do.
beyond_words() {
	local before
	mkdir "$folder"
	: >"$file"
	migration 20250101_shop.sql <<-'SQL'
		CREATE TABLE a (id integer PRIMARY KEY, x text);
		CREATE TABLE b (id integer PRIMARY KEY, x text);
		CREATE TABLE log (x text);
		CREATE VIEW v AS SELECT x FROM a;
		CREATE TRIGGER audit AFTER UPDATE ON a BEGIN INSERT INTO log VALUES (new.x); END;
		CREATE TRIGGER through INSTEAD OF INSERT ON v BEGIN INSERT INTO b (x) VALUES (new.x); END;
		CREATE VIRTUAL TABLE found USING fts5 (x);
		CREATE TABLE child (a int REFERENCES a ON DELETE CASCADE);
	SQL
	exits 0 'a shop' go up
	query "CREATE TRIGGER meddle AFTER DELETE ON b BEGIN UPDATE pgstride_migrations SET state = 'x'; END"
	before=$(all)
	while IFS='|' read -r sql says; do
		printf 'CREATE TABLE never (x int);\n%s\n' "$sql" | migration 20260101_more.sql
		exits 4 "refused: $sql" go up --yes
		like "$err" "20260101_more.sql:2: $says" 'with file, line and reason'
		like "$err" 'hint: ' 'and a cure'
		is "$(all)" "$before" 'and nothing ran'
	done <<-'CASES'
		DELETE FROM pgstride_migrations;|"pgstride_migrations" is pgstride's own, and no migration changes it
		WITH one AS (SELECT 1) UPDATE pgstride_migrations SET state = 'x' WHERE 1 IN one;|"pgstride_migrations" is pgstride's own
		DELETE FROM b WHERE id = 1;|"pgstride_migrations" is pgstride's own.*, through "meddle"
		ALTER TABLE pgstride_migrations ALTER COLUMN state DROP NOT NULL;|"pgstride_migrations" is pgstride's own
		CREATE TRIGGER more AFTER INSERT ON pgstride_steps BEGIN SELECT 1; END;|"pgstride_steps" is pgstride's own
		INSERT INTO log SELECT load_extension('x') FROM a;|load_extension would run
	CASES
	printf "CREATE TABLE never (x int);\nUPDATE sqlite_schema SET sql = 'x';\n" | migration 20260101_more.sql
	exits 4 'the schema is written by its own statements' go up --yes
	like "$err" '20260101_more.sql:2: .*sqlite_master may not be modified' 'and no others'
}

# The same shop: what does what it says is not in anybody's way.
as_read() {
	migration 20260101_more.sql <<-'SQL'
		WITH n (x) AS (SELECT 'a' UNION SELECT 'b') INSERT INTO a (x) SELECT x FROM n;
		WITH gone AS (SELECT 1 AS id) UPDATE a SET x = 'c' WHERE id IN (SELECT id FROM gone);
		INSERT INTO v VALUES ('through a view');
		INSERT INTO found VALUES ('word');
		INSERT INTO a (id, x) VALUES (2, 'd') ON CONFLICT DO UPDATE SET x = 'e';
		DELETE FROM a WHERE id = 7;
		CREATE TABLE c AS SELECT * FROM a;
		ALTER TABLE c RENAME COLUMN x TO y;
		DELETE FROM found;
		PRAGMA user_version = 7;
		CREATE TABLE odd$é (x);
		UPDATE odd$é SET x = 1;
		DELETE FROM 'odd$é';
		EXPLAIN DELETE FROM b;
		CREATE TEMP TABLE aside AS SELECT * FROM a;
		INSERT INTO aside SELECT * FROM a;
		ANALYZE;
	SQL
	exits 0 'what does what it says' go up --yes
	is "$(query 'SELECT count(*) FROM a; SELECT x FROM b')" $'2\nthrough a view' 'is done'
	migration 20260201_with.sql <<-'SQL'
		-- migrate:expand
		ALTER TABLE a ADD COLUMN y text;
		-- migrate:backfill
		WITH n (x) AS (SELECT 'y') UPDATE a SET y = (SELECT x FROM n) WHERE y IS NULL;
	SQL
	exits 2 'WITH in a backfill' go up --yes
	like "$err" '20260201_with.sql:4: WITH has no place' 'is refused, with its place'
}

# The library reads what it would not make: a column that is computed by a function which
# only a newer one has.
stranger() {
	rm -rf "$folder" "$file"* && mkdir "$folder"
	query 'CREATE TABLE f (r INTEGER); CREATE TABLE other (id INTEGER);
		PRAGMA writable_schema = ON;
		UPDATE sqlite_schema SET sql = "CREATE TABLE f (r INTEGER, e AS (not_yet(r)))" WHERE name = "f"'
	migration 20260101_next.sql <<<'CREATE INDEX other_id ON other (id);'
	exits 0 'what only a newer library could make: the rest goes on' go up --yes
	like "$err" 'nothing is tried first: .*"f": no such function: not_yet' 'untried, as it says'
	rm -rf "$folder" "$file"* && mkdir "$folder"
	: >"$file"
	migration 20260102_bad.sql <<<'CREATE TABLE g (r INTEGER, e AS (not_yet(r)));'
	exits 4 'a function that the library lacks' go up --yes
	like "$err" 'hint: This is SQLite [0-9.]*; a newer library' 'which library it is'
	rm -rf "$folder" "$file"* && mkdir "$folder"
	: >"$file"
	migration 20260101000000000000_known.sqlite3.up.sql <<<'CREATE TABLE g (r INTEGER);'
	migration 20260102000000000000_newer.sqlite3.up.sql <<<'CREATE TABLE h (r INTEGER, e AS (not_yet(r)));'
	migration 20260101000000000000_known.sqlite3.down.sql <<<'DROP TABLE g;'
	migration 20260102000000000000_newer.sqlite3.down.sql <<<'DROP TABLE h;'
	exits 1 "another runner's folder goes as far as the library does" go up --yes
	like "$err" 'before 20260102000000000000_newer can be applied: no such function' 'as it says first'
	is "$(query "SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('g', 'h')")" g 'what is before it is there'
}

beyond_words
as_read
stranger
finish
