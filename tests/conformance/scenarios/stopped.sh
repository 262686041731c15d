# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Interrupted and paused in the middle of a backfill: the batch that runs is kept, no other begins, and it goes on from there.
stopped() {
	local filled
	shop
	go up --to 20260101 --yes >/dev/null 2>&1
	people 20000
	PGSTRIDE_FAULT=batch_after:1:INT keep faulty up --yes
	is "$status" 75 'Ctrl-C behind a batch'
	filled=$(engine_query 'SELECT count(new_email) FROM people')
	holds 'in the middle of the rows' [ "$filled" -gt 0 -a "$filled" -lt 20000 ]
	is "$(engine_query "SELECT sum(rows_done) FROM ${own}backfills")" "$filled" 'what is filled is recorded'
	is "$(state_of 20260201)" expanded 'and the rest is still to be done'

	midway 'a run in the middle of its backfill'
	exits 0 'pause' go pause
	filled=$(engine_query 'SELECT count(new_email) FROM people')
	sleep 0.6 # what operators say is read each half second
	goes_on
	holds 'it says by whom it is held' wait_until grep -q 'paused by' "$tmp/midway"
	is "$(engine_query 'SELECT count(new_email) FROM people')" "$filled" 'and fills no row more'
	like "$(go status)" 'Paused by' 'status tells it'
	exits 0 'resume' go resume
	ended 'and it goes on to its end'
	is "$(engine_query 'SELECT count(*) FROM people WHERE new_email = email')" 20000 'every row is filled'
	is "$(engine_query "SELECT sum(rows_done) FROM ${own}backfills")" 20000 'and was once'
}
