# shellcheck shell=bash disable=SC2154 # set by conform.sh
# down, force, baseline and mark; the past that changed.
back() {
	shop
	go up --to 20260101 --yes >/dev/null 2>&1
	people 3
	go up --yes >/dev/null 2>&1
	is "$(engine_query 'SELECT count(new_email) FROM people')" 3 'there are people, known by either name'
	exits 0 'down takes the expanded one back' go down --yes
	is "$(engine_query "SELECT count(*) FROM people WHERE email LIKE 'p%'")" 3 'the old shape is as it was, with its rows'
	is "$(engine_query 'SELECT new_email FROM people' 2>/dev/null)" '' 'the new one is gone'
	is "$(state_of 20260201)" '' 'and so is its record'
	exits 0 'down again, of what was made' go down --yes
	unlike "$(engine_tables)" 'people' 'the table went'
	exits 0 'and up again' go up --yes
	exits 0 'contract' go contract --yes
	exits 4 'what is contracted has no way back' go down --yes

	engine_new back_force
	exits 0 'force says where a database stands' go force 20260101 --yes
	is "$(state_of 20260101)" contracted 'without running anything'
	unlike "$(engine_tables)" 'people' 'nothing at all'
	engine_new back_baseline
	exits 0 'baseline' go baseline 20260201 --yes
	exits 0 'leaves nothing to do' go up --yes
	unlike "$(engine_tables)" 'people' 'and did nothing'
}
