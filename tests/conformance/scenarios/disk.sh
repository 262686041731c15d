# shellcheck shell=bash disable=SC2154 # set by conform.sh
# A disk that fills up in a backfill: said, nothing lost, and with room it goes on.
disk() {
	declare -F engine_small >/dev/null || return 0
	if ! engine_small disk 3m; then
		skip 'a full disk' 'no tmpfs can be mounted here'
		return
	fi
	shop
	rm "$folder/20260201_email.sql"
	exits 0 'there is room for a table' go up
	people 3000
	migration 20260301_note.sql <<-'SQL'
		-- migrate:expand
		ALTER TABLE people ADD COLUMN note varchar(4000);

		-- migrate:backfill sync:off
		UPDATE people SET note = hex(zeroblob(1000)) WHERE note IS NULL;
	SQL
	exits 1 'and none for that' go up --yes
	like "$err" 'full' 'which is said'
	like "$err" 'hint: Make room on the disk .*, then run the same command again\.$' 'with what helps, said once'
	is "$(state_of 20260301)" expanded 'where it stands is known'
	is "$(engine_query 'SELECT count(*) FROM people')" 3000 'no row is lost'
	is "$(engine_query "SELECT rows_done = (SELECT count(*) FROM people WHERE note IS NOT NULL) FROM ${own}backfills")" 1 'what was filled is recorded'
	engine_roomier disk 40m
	exits 0 'with room, up goes on' go up --yes
	is "$(engine_query 'SELECT count(*) FROM people WHERE length(note) = 2000')" 3000 'to the end'
	is "$(engine_query "SELECT rows_done FROM ${own}backfills")" 3000 'each row once'
	engine_gone disk
}
