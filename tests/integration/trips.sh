#!/bin/bash
# trips.sh: how often the server is asked, of many small migrations and of none. Counted,
# not timed: what creeps in here is what costs a deploy its seconds.
# once: what is counted is what the client asks
. "$(dirname "$0")/../lib.sh"
export PGSTRIDE_MAX_STALL=30s # a slow machine tries nothing twice
start_postgres

# Questions that a clock asks, and those of a try that takes long, are not of a migration.
by_the_clock='pulse|control|where_am_i|may_skip_triggers|blockers|victims|look|look_extension'

# folder NAME COUNT SUFFIX: that many migrations of one and a half statements.
folder() {
	local number
	mkdir -p "$tmp/$1"
	for number in $(seq 1001 $((1000 + $2))); do
		{
			[ "$3" != .sql ] || echo '-- migrate:up'
			echo "CREATE TABLE t$number (id bigint PRIMARY KEY, note text);"
			[ $((number % 2)) = 0 ] || echo "CREATE INDEX t${number}_note ON t$number (note);"
		} >"$tmp/$1/${number}_t$3"
		[ "$3" = .sql ] || echo "DROP TABLE t$number;" >"$tmp/$1/${number}_t.down.sql"
	done
}

# trips [ROLE] command...: how many conversations of that session it has, or of all.
trips() {
	local role=worker
	[ "$1" = worker ] || role='[a-z]+'
	[ "$1" != worker ] || shift
	pgstride "$@" -l DEBUG 2>&1 >/dev/null | in_time | grep -E " DEBUG $role: .* done in " | grep -vcE ": ($by_the_clock) "
}
# in_time: what is said, but for the times that a table is asked for again since a busy machine
# took a tenth of a second between its facts and its lock: they are too old to be believed.
in_time() {
	awk '{ split(substr($1, 12), clock, ":"); now = clock[1] * 3600000 + clock[2] * 60000 + clock[3] * 1000 }
		/ watcher: tables_there done in / { facts = now - $(NF - 1) * ($NF == "s" ? 1000 : 1) }
		!(/ worker: lock_target done in / && facts != "" && (now - facts + 86400000) % 86400000 >= 99)'
}

# applied NAME COUNT SUFFIX: the trips of a folder applied in a database of its own.
applied() {
	folder "$1" "$2" "$3"
	sql "CREATE DATABASE $1"
	trips up --yes --dir "$tmp/$1" -d "$(url_of "$1")"
}
url_of() { echo "host=$PGHOST port=$PGPORT user=$PGUSER dbname=$1"; }

for suffix in .sql .up.sql; do
	what="a folder of *$suffix"
	few=$(applied "few${suffix//[.]/_}" 10 "$suffix")
	many=$(applied "many${suffix//[.]/_}" 30 "$suffix")
	is $((many - few)) 20 "$what: nobody is asked about what the file makes itself: the deed with its records, and no more"
	is "$(PGDATABASE=many${suffix//[.]/_} sql 'SELECT count(*) FROM pgstride.steps WHERE done')" 30 "$what: all of them recorded"
	few=$(trips up --yes --dir "$tmp/few${suffix//[.]/_}" -d "$(url_of "few${suffix//[.]/_}")")
	many=$(trips up --yes --dir "$tmp/many${suffix//[.]/_}" -d "$(url_of "many${suffix//[.]/_}")")
	is "$many" "$few" "$what: nothing to do asks as often of many as of few"
	holds "$what: ... and not more than 20 times" [ "$many" -le 20 ]
	holds "$what: ... and is told of no worker" [ "$(trips worker up --yes --dir "$tmp/many${suffix//[.]/_}" -d "$(url_of "many${suffix//[.]/_}")")" = 0 ]
	said=$(pgstride status --dir "$tmp/many${suffix//[.]/_}" -d "$(url_of "many${suffix//[.]/_}")" -l DEBUG 2>&1)
	unlike "$said" 'history_steps done' "$what: status reads no steps of what is complete"
done

# altered NAME COUNT: the trips of files that each change a table which is there before, as
# most files of a folder that has lived for years do.
altered() {
	local number
	mkdir -p "$tmp/$1"
	sql "CREATE DATABASE $1"
	for number in $(seq 1001 $((1000 + $2))); do
		echo "ALTER TABLE t$((number % 5)) ADD COLUMN c$number text NOT NULL DEFAULT ''; CREATE INDEX i$number ON t$((number % 5)) (c$number);" >"$tmp/$1/${number}_t.up.sql"
		echo "ALTER TABLE t$((number % 5)) DROP COLUMN c$number;" >"$tmp/$1/${number}_t.down.sql"
	done
	for number in 0 1 2 3 4; do
		PGDATABASE=$1 sql "CREATE TABLE t$number (id bigint PRIMARY KEY)"
	done
	trips up --yes --dir "$tmp/$1" -d "$(url_of "$1")"
}

few=$(altered few_altered 10)
many=$(altered many_altered 30)
is $((many - few)) 40 "files that change what is there: where it is, and the deed with its locks, records and cost"
is "$(PGDATABASE=many_altered sql 'SELECT count(*) FROM pgstride.steps WHERE done AND undo IS NOT NULL')" 30 '... and the way back of each is known without asking the catalog'

# What a foreign key drags in is known all the same, and locked first.
sql 'CREATE DATABASE keys'
PGDATABASE=keys sql "CREATE TABLE parent (id bigint PRIMARY KEY);
	CREATE TABLE named (p bigint REFERENCES parent);
	CREATE TABLE hung (p bigint REFERENCES parent, n int);
	CREATE TABLE gone (p bigint REFERENCES parent);
	CREATE TABLE other (p bigint REFERENCES parent, n int)"
mkdir "$tmp/keys"
echo 'ALTER TABLE named DROP CONSTRAINT named_p_fkey;' >"$tmp/keys/1_named.up.sql"
echo 'ALTER TABLE hung DROP COLUMN p;' >"$tmp/keys/2_hung.up.sql"
echo 'DROP TABLE gone;' >"$tmp/keys/3_gone.up.sql"
echo 'ALTER TABLE other DROP COLUMN n;' >"$tmp/keys/4_other.up.sql"
for number in 1_named 2_hung 3_gone 4_other; do
	echo 'SELECT 1;' >"$tmp/keys/$number.down.sql"
	said=$(pgstride up --yes --steps 1 --dir "$tmp/keys" -d "$(url_of keys)" -l TRACE 2>&1)
	locked=$(grep 'try_lock: SELECT' <<<"$said" | grep -oE 'public[.][a-z]+ IN [A-Z ]+ MODE' | sed "s/public[.]\([a-z]*\) .*/\1/" | tr '\n' ' ')
	case $number in
	4_other) is "$locked" 'other ' "$number: a column that no key hangs on locks its table alone" ;;
	*) is "$locked" "parent ${number#*_} " "$number: the table at the other end of the key is locked, and first" ;;
	esac
done
# What a file has made before it failed, others may use by now.
printf '%s\n' 'CREATE TABLE half (id int);' 'VACUUM half;' 'ALTER TABLE half ADD COLUMN n nonsense;' >"$tmp/keys/5_half.up.sql"
echo 'SELECT 1;' >"$tmp/keys/5_half.down.sql"
exits 1 'half: the first half is done' pgstride up --yes --dir "$tmp/keys" -d "$(url_of keys)"
sed -i 's/nonsense/int/' "$tmp/keys/5_half.up.sql"
said=$(pgstride up --yes --dir "$tmp/keys" -d "$(url_of keys)" -l TRACE 2>&1)
like "$said" 'try_lock: SELECT .*public[.]half IN ACCESS EXCLUSIVE MODE' 'half: the second locks what the first has made'
echo 'CREATE TABLE half (id int); ALTER TABLE half ADD COLUMN m int;' >"$tmp/keys/6_there.up.sql"
echo 'SELECT 1;' >"$tmp/keys/6_there.down.sql"
exits 1 'there: what is there already is not made' pgstride up --yes --dir "$tmp/keys" -d "$(url_of keys)"
like "$err" 'relation "half" (is there already|already exists)' 'there: the server says so'
is "$(PGDATABASE=keys sql "SELECT count(*) FROM pg_attribute WHERE attrelid = 'half'::regclass AND attname = 'm'")" 0 'there: and nothing behind it is done'
rm "$tmp/keys"/6_there.*
exits 0 'there: without the file nothing is left to say' pgstride force 5 --yes --dir "$tmp/keys" -d "$(url_of keys)"

echo 'ALTER TABLE hung ALTER COLUMN nn SET NOT NULL;' >"$tmp/keys/6_typo.up.sql"
echo 'SELECT 1;' >"$tmp/keys/6_typo.down.sql"
like "$(pgstride up --yes --dir "$tmp/keys" -d "$(url_of keys)" 2>&1)" 'Did you mean "n"' 'a column is asked for when its name was misspelt'
finish
