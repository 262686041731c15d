# shellcheck shell=bash disable=SC2154 # set by conform.sh
# A statement fails midway: what it says, what is left, and that the next up goes on.
failing() {
	shop
	rm "$folder/20260201_email.sql"
	exits 0 'there are people' go up
	people 3
	migration 20260301_twice.sql <<-'SQL'
		CREATE TABLE orders (id integer PRIMARY KEY);
		INSERT INTO people (id, email) VALUES (2, 'two@shop');
	SQL
	exits 1 'a row that is there twice' go up --yes
	like "$err" '20260301_twice.sql:2' 'file and line are named'
	like "$err" 'rolled back|partial at' 'and what stays'
	if [ -n "$ddl_stays" ]; then
		like "$err" 'partial at 1/2' 'what the server has already committed'
	else
		unlike "$(engine_tables)" 'orders' 'nothing of it does'
	fi
	is "$(engine_query 'SELECT count(*) FROM people')" 3 'nor of its rows'
	like "$(go status)" '20260301_twice' 'it is pending'
	engine_query 'DELETE FROM people WHERE id = 2'
	exits 0 'mended, up goes on' go up --yes
	like "$(engine_tables)" 'orders' 'and it is whole'
}
