#!/bin/bash
# once: it ends where the extension begins; extension.sh goes on there
# connect.sh: finding the server and being told why not, in words that help; sessions
# that are what they seem.
. "$(dirname "$0")/../lib.sh"

second=$(TMPDIR=/tmp mktemp -d) # another server, to be slow or silent
trap '"$root/tests/servers/pg.sh" stop "$second" immediate; rm -rf "$second"; clean_up' EXIT

# status_of TARGET...: asks for nothing but a connection.
status_of() { env -u PGSTRIDE_DATABASE "$pgstride_binary" status --dir "$dir" -d "$@"; }
postmaster() { head -n 1 "$1/data/postmaster.pid"; }

start_postgres 'password_encryption = scram-sha-256'
"$root/tests/servers/pg.sh" start "$second" >/dev/null || exit 1
new_database shop
dir=$tmp/migrations
mkdir "$dir"
echo 'CREATE TABLE basket (id int);' >"$dir/1_basket.sql"

nobody_there() {
	exits 6 'no server at this socket' status_of 'host=/nonexistent dbname=shop'
	exits 6 'no server at this port' status_of 'postgres://postgres@127.0.0.1:1/shop'
	like "$err" 'connection refused' 'refused is said as everybody says it'
	is "$(grep -c '•' <<<"$err")" 4 'with the four checks'
	exits 6 'no MySQL at this port' status_of 'mysql://root@127.0.0.1:1/shop'
	is "$(grep -c '•' <<<"$err")" 4 'with four checks'
	exits 6 'no MySQL at this socket' status_of 'mysql://root@localhost/shop?socket=/nonexistent'
	like "$err" 'The socket is not there' 'which says what sockets need'
	exits 6 'no such host' status_of 'postgres://postgres@no.such.host.invalid/shop'
	like "$err" 'no\.such\.host\.invalid' 'the host is named'
	exits 6 'no such database' status_of "host=$server user=postgres dbname=kratos"
	like "$err" 'CREATE DATABASE kratos;' 'with what makes it'
	exits 6 'no such user' status_of "host=$server user=nobody1 dbname=shop"
	like "$err" 'nobody1' 'the user is named'
}

not_let_in() {
	sql "CREATE ROLE keeper LOGIN PASSWORD 'open sesame'; CREATE ROLE full LOGIN CONNECTION LIMIT 0"
	sql "GRANT keeper TO postgres"
	printf 'local all keeper scram-sha-256\nlocal all full trust\nlocal all postgres trust\n' >"$server/data/pg_hba.conf"
	sql 'SELECT pg_reload_conf()' >/dev/null
	wait_until grep -q 'reloading configuration' "$server/log"
	exits 6 'a wrong password' status_of "host=$server user=keeper dbname=shop password=guess-it"
	like "$err" 'password authentication failed for user "keeper"' 'is said'
	unlike "$err" 'guess-it' 'and not repeated'
	exits 6 'no password' status_of "host=$server user=keeper dbname=shop"
	like "$err" 'PGPASSWORD' 'with the places for one'
	exits 0 'the right password' status_of "host=$server user=keeper dbname=shop password='open sesame'"
	exits 6 'no line in pg_hba.conf' status_of "host=$server user=guest dbname=shop"
	like "$err" 'pg_hba\.conf' 'is said'
	exits 6 'too many connections' status_of "host=$server user=full dbname=shop"
	like "$err" 'too many connections' 'is said'
}

not_allowed() {
	mkdir "$tmp/peek" "$tmp/made"
	sql 'CREATE TABLE secret_list (n int); GRANT ALL ON DATABASE shop TO keeper; GRANT ALL ON SCHEMA public TO keeper'
	echo 'SELECT * FROM secret_list;' >"$tmp/peek/1_peek.sql"
	exits 6 'permission denied' env PGPASSWORD='open sesame' "$pgstride_binary" up --yes --dir "$tmp/peek" \
		-d "host=$server user=keeper dbname=shop"
	like "$err" 'permission denied for table secret_list' 'names the table'
	like "$err" 'GRANT ALL PRIVILEGES ON TABLE secret_list TO keeper;' 'and the grant'
	unlike "$err" 'server is back' 'and does not wait for a server that is there'
	sql 'DROP SCHEMA pgstride CASCADE'
	echo 'CREATE TABLE kept (id int);' >"$tmp/made/1_kept.sql"
	exits 6 'a role that is not there' pgstride up --yes --dir "$tmp/made" --role nobody1
	like "$err" 'nobody1' 'is named'
	exits 0 'a role that is' pgstride up --yes --dir "$tmp/made" --role keeper
	is "$(sql "SELECT tableowner FROM pg_tables WHERE tablename = 'kept'")" keeper 'owns what is made'
	sql 'DROP SCHEMA pgstride CASCADE; DROP TABLE kept'
	exits 0 'a history of somebody else' pgstride up --yes --dir "$tmp/made"
	sql 'GRANT USAGE ON SCHEMA pgstride TO keeper; GRANT SELECT ON ALL TABLES IN SCHEMA pgstride TO keeper'
	echo 'CREATE TABLE more (id int);' >"$tmp/made/2_more.sql"
	exits 6 'who may only read it' env PGPASSWORD='open sesame' "$pgstride_binary" up --yes --dir "$tmp/made" -d "host=$server user=keeper dbname=shop"
	like "$err" 'the role that owns the schema pgstride' 'is told whose it is'
	sql 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgstride TO keeper'
	exits 0 'with the grant that is named' env PGPASSWORD='open sesame' "$pgstride_binary" up --yes --dir "$tmp/made" -d "host=$server user=keeper dbname=shop"
	sql 'DROP SCHEMA pgstride CASCADE'
}

malformed() {
	exits 2 'a parameter nobody knows' status_of "postgres:///shop?host=$server&bogus=1"
	like "$err" 'bogus' 'is named'
	exits 2 'a password that tears the URL' status_of 'postgres://u:xyz/zy@h/shop'
	unlike "$err" 'xyz|zy' 'is not repeated'
	exits 2 'a % that starts no code' status_of 'postgres://u:xyz%zy@h/shop'
	unlike "$err" 'xyz|zy' 'is not repeated either'
	exits 2 'a quote left open' status_of "host=$server password='xyz zy"
	unlike "$err" 'xyz|zy' 'nor here'
	for url in redshift://u@h/db yugabyte://u@h:5433/db; do
		exits 2 "${url%%:*} is another build's" status_of "$url"
		like "$err" 'does not speak' 'and that is said'
	done
}

# Parameters of the runners people come from, in URLs that worked there.
other_spellings() {
	local rest="?host=$server&user=postgres"
	exits 0 'pools of Ory' status_of "postgres:///shop$rest&max_conns=20&max_idle_conns=4&sslmode=disable"
	exits 0 'pgx' status_of "pgx5:///shop$rest&pool_max_conns=3&x-migrations-table=m"
	exits 0 'JDBC' status_of "jdbc:postgresql:///shop$rest&prepareThreshold=0&targetServerType=primary"
	exits 0 'socket=' status_of "postgres://postgres@/shop?socket=$server"
	exits 0 'a name alone' env PGHOST="$server" PGUSER=postgres "$pgstride_binary" status --dir "$dir" -d shop
	sql 'CREATE SCHEMA elsewhere'
	exits 0 'search_path=' env "$pgstride_binary" up --yes --dir "$dir" -d "postgres:///shop$rest&search_path=elsewhere"
	is "$(sql "SELECT to_regclass('elsewhere.basket')")" elsewhere.basket 'decides where tables go'
}

several_hosts() {
	local both="host=/nonexistent,$server user=postgres dbname=shop"
	exits 0 'the second of two hosts' status_of "$both"
	kill -STOP "$(postmaster "$second")"
	local began=$SECONDS
	exits 0 'a silent host is passed over' status_of "host=$second,$server user=postgres dbname=shop connect_timeout=2"
	holds 'in its own time' test $((SECONDS - began)) -lt 20
	exits 6 'a silent host alone' timeout 30 env -u PGSTRIDE_DATABASE "$pgstride_binary" status --dir "$dir" -d "host=$second user=postgres dbname=postgres"
	like "$err" 'no answer' 'is said'
	kill -CONT "$(postmaster "$second")"
	psql -qX -h "$second" -c 'ALTER DATABASE postgres SET default_transaction_read_only = on' postgres
	exits 0 'of several, the one that can be written' status_of "host=$second,$server user=postgres dbname=postgres"
	exits 6 'no primary among them' status_of "host=$second,/nonexistent user=postgres dbname=postgres"
	like "$err" 'read-only|primary' 'is said'
	exits 6 'a server that is read-only' env "$pgstride_binary" up --yes --dir "$dir" -d "host=$second user=postgres dbname=postgres"
	like "$err" 'primary' 'with where to go instead'
}

# A server that recovers says "starting up" for a while: no reason to give up.
starting_up() {
	sql 'CREATE TABLE bulk AS SELECT n FROM generate_series(1, 400000) n'
	sql 'CHECKPOINT' && sql 'UPDATE bulk SET n = n + 1' && sql 'UPDATE bulk SET n = n + 1'
	"$root/tests/servers/pg.sh" stop "$server" immediate
	"$root/tests/servers/pg.sh" start "$server" >/dev/null &
	wait_until test -S "$server/.s.PGSQL.5432"
	exits 0 'a server that is starting up is waited for' status_of "$PGSTRIDE_DATABASE connect_timeout=60"
	wait $!
}

pooler() {
	local pool=$second/pool libraries as=()
	libraries=$(echo "$root"/build/deps/pgbouncer/usr/lib/*/) # where make deps unpacked it
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=postgres --regid=postgres --clear-groups)
	mkdir "$pool" && chmod 777 "$pool"
	cp "$root/build/deps/pgbouncer/usr/sbin/pgbouncer" "$libraries"*.so* "$pool" # who runs it may not see into build
	mkdir "$tmp/pooled"
	new_database pooled
	echo '-- migrate:up
CREATE TABLE pooled (id int PRIMARY KEY); CREATE INDEX CONCURRENTLY by_id ON pooled (id);' >"$tmp/pooled/1_pooled.sql"
	for mode in transaction session; do
		printf '%s\n' '[databases]' "* = host=$server user=postgres" '[pgbouncer]' 'listen_addr =' \
			"unix_socket_dir = $pool" 'auth_type = any' "pool_mode = $mode" 'default_pool_size = 4' >"$pool/ini"
		"${as[@]}" env LD_LIBRARY_PATH="$pool" "$pool/pgbouncer" -q "$pool/ini" >"$tmp/pool.log" 2>&1 &
		wait_until test -S "$pool/.s.PGSQL.6432" || not_ok 'the pooler starts' "$(cat "$tmp/pool.log")"
		if [ $mode = transaction ]; then
			exits 4 'a pooler in transaction mode is refused' status_of "host=$pool port=6432 user=postgres dbname=pooled"
			like "$err" 'transaction mode' 'and why is said'
		else
			exits 0 'one in session mode is not' status_of "host=$pool port=6432 user=postgres dbname=pooled"
			exits 0 'and a migration runs through it' pgstride up --yes --dir "$tmp/pooled" -d "host=$pool port=6432 user=postgres dbname=pooled"
			is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_id'::regclass")" t 'and is whole'
		fi
		kill $! && wait $!
	done
}

# A session is asked for before the folder is read: one that is not wanted then ends well.
hung_up() {
	local before
	mkdir "$tmp/wrong"
	echo 'CREATE TABLE one (id int);' >"$tmp/wrong/1_one.sql"
	echo 'CREATE TABLE basket (id int);' >"$tmp/wrong/1_two.sql"
	before=$(wc -l <"$server/log")
	for options in '' 'password=guess-it user=keeper'; do
		exits 2 "a folder that is refused${options:+, of whom the server refuses too}" \
			env -u PGSTRIDE_DATABASE "$pgstride_binary" status --dir "$tmp/wrong" -d "host=$server user=postgres dbname=shop $options"
	done
	is "$(tail -n "+$((before + 1))" "$server/log" | grep -c 'could not')" 0 'is no connection that broke, by the log'
}

nobody_there
not_let_in
hung_up
not_allowed
malformed
other_spellings
several_hosts
starting_up
pooler
finish
