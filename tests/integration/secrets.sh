#!/bin/bash
# secrets.sh: a password is in no output, log, history, process list or message,
# however it came and whatever happens.
. "$(dirname "$0")/../lib.sh"
secret=Hush-Hush_4711

# nowhere WHAT FILE...: the secret, also percent-encoded, is in none of them.
nowhere() {
	local what=$1
	shift
	if grep -lF -e "$secret" -e "${secret//_/%5F}" "$@" >"$tmp/found" 2>/dev/null; then
		not_ok "$what" "found in: $(cat "$tmp/found")" "$(grep -hF -m 3 "$secret" "$@")"
	else
		ok "$what"
	fi
}

# tells_nothing WHAT command...: everything it prints at the most talkative level.
tells_nothing() {
	local what=$1
	shift
	"$@" -l TRACE --internal-log -v -v >"$tmp/said.out" 2>"$tmp/said.err" </dev/null
	nowhere "$what" "$tmp/said.out" "$tmp/said.err"
}

start_postgres 'log_statement = all' 'password_encryption = scram-sha-256'
new_database vault
sql "CREATE ROLE keeper LOGIN CREATEROLE PASSWORD '$secret'; GRANT ALL ON DATABASE vault TO keeper; GRANT ALL ON SCHEMA public TO keeper"
sql "CREATE TABLE doors (id int PRIMARY KEY); INSERT INTO doors SELECT generate_series(1, 3000); ALTER TABLE doors OWNER TO keeper"
sed -i '1i local vault keeper scram-sha-256' "$server/data/pg_hba.conf"
sql 'SELECT pg_reload_conf()' >/dev/null
export PGSTRIDE_DIR=$tmp/migrations
mkdir "$PGSTRIDE_DIR"
unset PGSTRIDE_DATABASE PGUSER
url="postgresql://keeper:$secret@/vault?host=$server"
encoded="postgresql://keeper:${secret//_/%5F}@/vault?host=$server"
words="host=$server user=keeper dbname=vault password=$secret"

cat >"$PGSTRIDE_DIR/1_doors.sql" <<-'SQL'
	-- migrate:expand
	ALTER TABLE doors ADD COLUMN colour text;
	-- migrate:backfill sync:off
	UPDATE doors SET colour = 'red' WHERE colour IS NULL;
SQL
exits 0 'the password is the right one' env PGUSER=keeper PGPASSWORD="$secret" "$pgstride_binary" status
tells_nothing 'plan by URL' pgstride plan "$url"
tells_nothing 'plan by encoded URL' pgstride plan "$encoded"
tells_nothing 'plan by keywords' pgstride plan -d "$words"
tells_nothing 'plan by environment' env PGSTRIDE_DATABASE="$url" "$pgstride_binary" plan
tells_nothing 'plan by PGPASSWORD' env PGUSER=keeper PGPASSWORD="$secret" "$pgstride_binary" plan
echo "*:*:vault:keeper:$secret" >"$tmp/pgpass" && chmod 600 "$tmp/pgpass"
tells_nothing 'plan by .pgpass' env PGUSER=keeper PGPASSFILE="$tmp/pgpass" "$pgstride_binary" plan
printf '[vault]\nhost=%s\nuser=keeper\ndbname=vault\npassword=%s\n' "$server" "$secret" >"$tmp/services"
tells_nothing 'plan by service file' env PGSERVICEFILE="$tmp/services" PGSERVICE=vault "$pgstride_binary" plan
# Secrets of the files: what the history hides, plan does not show.
mkdir "$tmp/written"
cat >"$tmp/written/1_written.sql" <<-SQL
	UPDATE doors SET id = id WHERE 'client_secret = ''$secret''' = 'x';
	CREATE ROLE guard PASSWORD /* which */ '$secret';
	CREATE TABLE keys (made text DEFAULT '{"password": "$secret"}');
SQL
for format in text json; do
	tells_nothing "plan of secrets as $format" env PGUSER=postgres "$pgstride_binary" plan --safe off --format "$format" --dir "$tmp/written" "host=$server dbname=vault"
done
like "$(cat "$tmp/said.out")" 'CREATE ROLE guard' 'and the plan was made'
for format in json json-pretty yaml table; do
	tells_nothing "status as $format" pgstride status --format "$format" "$url"
done

# What goes wrong is where passwords slip out.
exits 6 'a wrong password: exit 6' pgstride status "postgresql://keeper:$secret-not@/vault?host=$server"
nowhere 'a wrong password is not repeated' "$tmp/.out" "$tmp/.err"
tells_nothing 'a server that is not there' pgstride status "postgresql://keeper:$secret@/vault?host=/nonexistent"
tells_nothing 'a URL that is none' pgstride status "postgresql://keeper:$secret@[/vault"
tells_nothing 'a keyword that is none' pgstride status -d "$words nonsense=1"
tells_nothing 'two targets that differ' env DSN="$url" PGSTRIDE_DATABASE="$words" "$pgstride_binary" status
tells_nothing 'a URL for a command' pgstride "$url"
tells_nothing 'a flag with a URL' pgstride status --no-such-flag="$url"

# While it works: what everybody on the machine can read.
PGUSER=postgres slow_rows doors 10
"$pgstride_binary" up --yes "$url" >"$tmp/up.out" 2>"$tmp/up.err" </dev/null &
up=$!
wait_until sh -c "PGUSER=postgres psql -XAtqc 'SELECT 1 FROM pgstride.backfills' 2>/dev/null | grep -q 1"
tr '\0' ' ' <"/proc/$up/cmdline" >"$tmp/cmdline"
nowhere 'the process list' "$tmp/cmdline" "/proc/$up/comm"
like "$(cat "$tmp/cmdline")" 'pgstride' 'the process list was read'
PGUSER=postgres psql -XAtqc 'SELECT * FROM pg_stat_activity' >"$tmp/activity"
nowhere 'pg_stat_activity' "$tmp/activity"
PGUSER=postgres full_speed
wait "$up"
is $? 0 'up by URL'
nowhere 'what up printed' "$tmp/up.out" "$tmp/up.err"

# Secrets inside SQL: a migration may carry one; the history and the log may not.
cat >"$PGSTRIDE_DIR/2_role.sql" <<-SQL
	CREATE ROLE guest LOGIN PASSWORD '$secret';
	ALTER ROLE guest PASSWORD '$secret';
SQL
tells_nothing 'plan of a migration with a password' pgstride plan -v "$url"
tells_nothing 'up of a migration with a password' pgstride up --yes "$url"
echo "CREATE ROLE guest LOGIN PASSWORD '$secret';" >"$PGSTRIDE_DIR/3_again.sql"
tells_nothing 'a failing migration with a password' pgstride up --yes "$url"
rm "$PGSTRIDE_DIR/3_again.sql"
tells_nothing 'history' pgstride history "$url"
for table in $(PGUSER=postgres sql "SELECT oid::regclass FROM pg_class WHERE relkind = 'r' AND relnamespace = 'pgstride'::regnamespace"); do
	PGUSER=postgres sql "SELECT t FROM $table t"
done >"$tmp/history.sql"
like "$(cat "$tmp/history.sql")" '2_role' 'the history was read'
nowhere 'the history tables' "$tmp/history.sql"
finish
