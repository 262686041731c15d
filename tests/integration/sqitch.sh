#!/bin/bash
# once: whose registry it is does not hang on an extension
# sqitch.sh: what sqitch has deployed is applied for us: its registry is read by the ids
# that its plan gives every change, and left to it alone.
. "$(dirname "$0")/../lib.sh"
start_postgres
export SQITCH_FULLNAME=Ann SQITCH_EMAIL=ann@example.org HOME=$tmp TZ=UTC

# ours [VERSION...]: the changes of $folder that we take for deployed, in its order.
ours() {
	pgstride status --dir "$folder" --format json "$@" |
		jq -r '[.result.migrations[] | select(.state == "contracted") | .version] | join(" ")'
}
# folder_of NAME: a copy of the fixture, to add to.
folder_of() {
	folder=$tmp/$1
	cp -r "$root/tests/fixtures/sqitch" "$folder"
	printf '[core]\n\tengine = pg\n' >"$folder/sqitch.conf"
}
# another NAME: one change more in the plan.
another() {
	echo "$1 2026-01-05T00:00:00Z Ann <ann@example.org> # One more" >>"$folder/sqitch.plan"
	echo "CREATE TABLE $1 (n int);" >"$folder/deploy/$1.sql"
	echo "DROP TABLE $1;" >"$folder/revert/$1.sql"
}
# deployed ID CHANGE [PROJECT]: a row in a registry that we make.
deployed() { sql "INSERT INTO sqitch.changes VALUES ('$1', 'hash of $1', '$2', '${3:-ids}', '', now(), 'Ann', 'a@b', now(), 'Ann', 'a@b')"; }

# The ids of a plan with all that a line of one can have.
mkdir -p "$tmp/ids/deploy/schema"
cat >"$tmp/ids/sqitch.plan" <<'PLAN'
%syntax-version=1.0.0
%project=ids
%uri=https://example.org/ids/

schema/app 2026-01-01T00:00:00Z Ann Öhrn <ann@example.org> # Ä note; with a \\ and \n a second line
  + users [schema/app] 2026-01-02T03:04:05Z Ann <ann@example.org>
@v1 2026-01-03T00:00:00Z Ann <ann@example.org> # A tag
# a comment, and a blank line

users [users@v1 schema/app !guests other:change @v1] 2026-01-04T00:00:00Z Bob <bob@example.org> # Again
last	2026-01-05T00:00:00Z	Bob <bob@example.org>   # behind blanks{blanks}
PLAN
sed -i 's/{blanks}/   /' "$tmp/ids/sqitch.plan"
for script in schema/app users@v1 users last; do echo 'SELECT 1;' >"$tmp/ids/deploy/$script.sql"; done
# As sqitch 1.3.1 computes them.
ids='b3a277943957190b15e09b8f612d09e6915acc45 schema/app
44818bf57667d29349c7fa3b4fef9414f647b796 users
87b49885ead122b0d22444eebb4f9e524865aff5 users
00988de098aadcaa0235fed51f74708814c6cae1 last'
shop_ids='3897c8dd19aea46080695bdf699ee118e5b5eb34 orders
ead405234ba75e888f26c67df3e2c7d2dc3fe61c note'

reading() {
	folder=$tmp/ids
	new_database ids
	is "$(ours)" '' 'without a registry nothing is deployed'
	sql "CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (change_id text PRIMARY KEY, script_hash text, change text NOT NULL, project text NOT NULL,
	         note text NOT NULL DEFAULT '', committed_at timestamptz NOT NULL, committer_name text NOT NULL, committer_email text NOT NULL,
	         planned_at timestamptz NOT NULL, planner_name text NOT NULL, planner_email text NOT NULL, UNIQUE (project, script_hash))"
	head -n 3 <<<"$ids" | while read -r id change; do deployed "$id" "$change"; done
	deployed 0000000000000000000000000000000000000000 app another
	before=$(sql 'SELECT * FROM sqitch.changes ORDER BY change_id')
	is "$(ours)" 'schema/app users@v1 users' 'a change is known by its id, also one that was reworked'
	exits 8 'and the last one is pending' pgstride status --exit-code --dir "$folder"
	is "$(sql "SELECT count(*) FROM pg_namespace WHERE nspname = 'pgstride'")" 0 'reading makes nothing'
	exits 0 'adopt' pgstride adopt --dir "$folder" --yes
	like "$out" 'Recorded 3 migrations, running nothing' 'takes over what is deployed'
	exits 0 'up' pgstride up --dir "$folder"
	like "$err" 'the history of sqitch is only read: it learns nothing' 'says that sqitch will not know'
	is "$(ours)" 'schema/app users@v1 users last' 'runs what is pending'
	is "$(sql 'SELECT * FROM sqitch.changes ORDER BY change_id')" "$before" 'and leaves the registry alone'
	exits 0 'we have nothing to do' pgstride up --dir "$folder"
	deployed "$(tail -n 1 <<<"$ids" | cut -d' ' -f 1)" last
	exits 0 'what both have is no quarrel' pgstride status --exit-code --dir "$folder"
	sql "DELETE FROM sqitch.changes WHERE change = 'users' AND change_id LIKE '87b4%'"
	exits 4 'what sqitch has reverted' pgstride status --exit-code --dir "$folder"
	like "$out" 'sqitch does not have it in changes any more' 'is asked about'
	deployed 1111111111111111111111111111111111111111 stranger
	exits 4 'a change that is not in the plan' pgstride up --dir "$folder"
	like "$err" 'Cannot find this change in sqitch.plan: stranger' 'is refused in the known words'
	exits 4 'a plan that was changed behind what is deployed' pgstride status --exit-code --dir "$folder"
}

# A table called changes is nobody's registry where it stands elsewhere.
not_a_registry() {
	folder_of plain
	new_database plain
	sql 'CREATE TABLE changes (n int)'
	exits 0 'a table of that name in another schema' pgstride up --dir "$folder"
	is "$(sql "SELECT to_regnamespace('sqitch') IS NULL")" t 'and no registry is made'
	new_database odd
	sql 'CREATE SCHEMA sqitch; CREATE TABLE sqitch.changes (n int)'
	exits 4 'a table there with other columns' pgstride up --dir "$folder"
	like "$err" '"changes" is not the one that sqitch makes' 'is not read'
}

# --- the original ----------------------------------------------------------------------

sqitch_here() { command -v sqitch && perl -MDBD::Pg -e 1; }
sqitch_on() { (cd "$folder" && sqitch "$1" "db:pg:$PGDATABASE" "${@:2}"); }

original() {
	sqitch_here >/dev/null 2>&1 || {
		skip "sqitch's own registry is read" 'sqitch or its driver for PostgreSQL is not installed'
		return
	}
	printf '[core]\n\tengine = pg\n' >"$tmp/ids/sqitch.conf"
	is "$(cd "$tmp/ids" && sqitch plan --format 'format:%H %n' | grep -v '^#' | grep .)" "$ids" 'its ids are those'
	folder_of plan
	new_database original
	exits 0 'sqitch deploys up to a tag' sqitch_on deploy --to @v1.0
	is "$(sql 'SELECT change_id, change FROM sqitch.changes ORDER BY committed_at' | tr '|' ' ')" "$shop_ids" 'by these ids'
	is "$(ours)" 'orders note@v1.0' 'it is so for us'
	exits 0 'the rest of it is ours' pgstride up --dir "$folder"
	is "$(ours)" 'orders note@v1.0 note' 'and runs'
	exits 0 'and is taken back' pgstride down --dir "$folder" --yes
	exits 0 'sqitch goes on from there' sqitch_on deploy
	another late
	exits 0 'with one more' sqitch_on deploy
	exits 0 'which we take over' pgstride adopt --dir "$folder" --yes
	is "$(ours)" 'orders note@v1.0 note late' 'with what we had taken back'
	exits 0 'sqitch reverts it' sqitch_on revert -y --to note@HEAD
	exits 4 'and we ask' pgstride up --dir "$folder"
	like "$err" 'late is applied, and sqitch does not have it' 'about that one'
	like "$err" 'mark late --pending --layout=sqitch' 'and say how to settle it'
	exits 2 'a name is no version' pgstride mark late --pending --dir "$folder" --yes
	like "$err" 'the changes of sqitch have names: --layout=sqitch' 'unless it is said whose it is'
	exits 0 'and are told' pgstride mark late --pending --dir "$folder" --layout sqitch --yes
	exits 0 'then it is ours to run' pgstride up --dir "$folder"
	is "$(sql "SELECT to_regclass('late') IS NOT NULL")" t 'and it is there'
}

reading
not_a_registry
original
finish
