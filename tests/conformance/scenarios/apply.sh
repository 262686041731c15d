# shellcheck shell=bash disable=SC2154 # set by conform.sh
# Applied in order, once; what is done is passed over.
apply() {
	shop
	exits 0 'up applies what is pending' go up
	like "$out" 'Successfully applied 2 migrations' 'and says so'
	is "$(state_of 20260101)|$(state_of 20260201)" 'contracted|backfilled' 'one whole, one waits for contract'
	exits 0 'a second up finds nothing to do' go up
	unlike "$out" 'Successfully applied' 'and applies nothing'
	exits 0 'status' go status
	like "$out" 'Database Status: clean' 'is clean'
	exits 0 'status --exit-code is content while contract waits' go status --exit-code
	exits 0 'contract' go contract --yes
	like "$(engine_query 'SELECT count(email) FROM people')" '^0$' 'the column has its old name'
	like "$(go history)" 'contract' 'history tells of it'
}
