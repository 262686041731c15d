# shellcheck shell=bash disable=SC2154 # set by conform.sh
# A row that cannot be filled: it is named, nothing is lost, and once it is mended the backfill goes on.
bad_row() {
	migration 20260101_people.sql <<-'SQL'
		CREATE TABLE people (id integer PRIMARY KEY, email varchar(80) NOT NULL CHECK (email <> 'bad'));
	SQL
	migration 20260301_fill.sql <<-'SQL'
		-- migrate:backfill sync:off
		UPDATE people SET email = CASE email WHEN 'p1234@shop' THEN 'bad' ELSE 'filled' END WHERE email LIKE 'p%';
	SQL
	go up --to 20260101 --yes >/dev/null 2>&1
	people 3000
	exits 1 'a row that breaks a constraint' go up --yes
	like "$err" '[^p0-9]1234([^0-9@]|$)' 'is named by its key'
	like "$err" '20260301_fill.sql' 'with the file'
	like "$err" 'Mend' 'and what is to be done'
	is "$(engine_query 'SELECT count(*) FROM people')" 3000 'no row is lost'
	is "$(engine_query "SELECT count(*) FROM people WHERE id < 1234 AND email = 'filled'")" 1233 'those before it are filled'
	like "$(go status)" '20260301_fill' 'it is pending'
	engine_query "UPDATE people SET email = 'person' WHERE id = 1234"
	exits 0 'mended, up goes on' go up --yes
	is "$(engine_query "SELECT count(*) FROM people WHERE email = 'filled'")" 3000 'to the last row'
}
