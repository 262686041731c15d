# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Checksums, and files that cannot be read.
changed() {
	shop
	go up --yes >/dev/null 2>&1
	sed -i 's/^CREATE/-- a comment more\nCREATE/' "$folder/20260101_people.sql"
	exits 0 'a comment changes nothing' go up --yes
	sed -i 's/varchar(80)/varchar(90)/' "$folder/20260101_people.sql"
	exits 4 'a text that changed since it ran is refused' go up --yes
	like "$err" '20260101' 'by name'
	sed -i 's/varchar(90)/varchar(80)/' "$folder/20260101_people.sql"
	migration 20260401_bad.sql <<<'CREATE TABL nonsense (id integer);'
	keep go up --yes
	like "$status" '^(1|2|4)$' 'what is no SQL ends in an error'
	like "$err" '20260401_bad.sql:1' 'with file and line'
	migration 20260401_bad.sql <<-'SQL'
		CREATE TABLE unclosed (name varchar(9) DEFAULT 'open);
	SQL
	exits 2 'a quote that is never closed' go up --yes
	migration 20260401_bad.sql <<'SQL'
-- migrate:expand
ALTER TABLE people DROP COLUMN email;
-- migrate:contract
ALTER TABLE people DROP COLUMN new_email;
SQL
	exits 4 'what old code needs is not dropped in expand' go up --yes --allow-overlap
	migration 20260401_bad.sql <<'SQL'
-- migrate:expand
-- migrate:backfill
UPDATE people SET email = 'x' WHERE id < 3 LIMIT 5;
SQL
	exits 2 'LIMIT in a backfill' go up --yes --allow-overlap
	like "$err" 'pgstride does the batching' 'is explained'
	migration 20260401_bad.sql <<<'BEGIN; CREATE TABLE t (id integer); COMMIT;'
	exits 2 'transaction control' go up --yes --allow-overlap
}
