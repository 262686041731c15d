#!/bin/bash
# once: a configuration is read before a server is met
# config.sh: what a configuration file sets, who beats it, and what is wrong with one.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1
start_postgres
new_database shop
url=$PGSTRIDE_DATABASE
unset PGSTRIDE_DATABASE PGHOST PGDATABASE
mkdir -p "$tmp/etc/sql"
echo 'CREATE TABLE one (n int);' >"$tmp/etc/sql/1_one.sql"
shop() { psql -XAtq "$url" -c "$1"; }

# config NAME: stdin as a file that only we can read; prints its path.
config() { (umask 077 && cat >"$tmp/etc/$1.yml") && echo "$tmp/etc/$1.yml"; }

seeds() {
	local kratos kestra
	kratos=$(config kratos <<-YAML
		version: v1.3.0
		dsn: postgresql:///shop?host=$server&user=postgres
		serve: {public: {base_url: http://127.0.0.1:4433/}}
		pgstride:
		  dir: sql
	YAML
	)
	exits 0 '-c behind the command words' pgstride migrate sql status -c "$kratos"
	like "$out" '1_one\.sql' 'the folder stands beside the file'
	exits 0 '-c before the command words, -e and the key dsn' pgstride -c "$kratos" migrate sql -e --yes
	is "$(shop "SELECT to_regclass('one')")" one 'it ran in the database of the file'
	exits 0 '--config=FILE' pgstride status --config="$kratos"
	exits 0 'PGSTRIDE_CONFIG' env PGSTRIDE_CONFIG="$kratos" "$pgstride_binary" status
	exits 0 'from a pipe' pgstride status -c <(cat "$kratos") --dir "$tmp/etc/sql"
	kestra=$(config kestra <<-YAML
		datasources:
		  postgres:
		    url: jdbc:postgresql:///shop?host=$server
		    driverClassName: org.postgresql.Driver
		    username: postgres
		flyway:
		  datasources:
		    postgres:
		      locations: [filesystem:sql]
		      out-of-order: true
		      ignore-migration-patterns: "*:missing,*:future"
	YAML
	)
	exits 0 'the datasources of another program' pgstride sys database migrate -c "$kestra" -l DEBUG -v
	like "$out" 'up to date' 'its folder is ours too'
	exits 0 'db.dsn' pgstride migrate status --dir "$tmp/etc/sql" -c "$(config talos <<<"db: {dsn: \"$url\"}")"
}

precedence() {
	local base late
	base=$(config base <<<"{dsn: \"$url\", pgstride: {dir: sql, format: table, max-stall: 30ms}}")
	late=$(config late <<<'pgstride: {max-stall: 40ms, exit-code: true}')
	like "$(pgstride status -c "$base")" '^Version\s+Name\s+Status' 'the file beats the default'
	like "$(PGSTRIDE_FORMAT=json pgstride status -c "$base")" '^\{' 'the environment beats the file'
	like "$(PGSTRIDE_FORMAT=json pgstride status -c "$base" --format text)" '^Migration Status' 'a flag beats both'
	echo 'CREATE TABLE two (n int);' >"$tmp/etc/sql/2_two.sql"
	like "$(pgstride plan -c "$base" --format text)" 'stall budget 30 ms' 'a limit from the file'
	like "$(pgstride plan -c "$base" -c "$late" --format text)" 'stall budget 40 ms' 'a later file beats an earlier one'
	like "$(pgstride plan -c "$late" -c "$base" --format text)" 'stall budget 30 ms' 'in the order given'
	exits 8 'a switch from the file' pgstride status -c "$base" -c "$late"
	exits 0 'and a flag turns it off' pgstride status -c "$base" -c "$late" --exit-code=false
	exits 6 'the URL of the environment beats the one of the file' env DSN=postgresql:///nowhere?host=/nonexistent "$pgstride_binary" status -c "$base"
	exits 6 'so does a URL on the command line' pgstride status -c "$base" 'postgresql:///nowhere?host=/nonexistent'
	exits 0 'but the ambient PGHOST does not' env PGHOST=/nonexistent "$pgstride_binary" status -c "$base"
	rm "$tmp/etc/sql/2_two.sql"
}

mistakes() {
	exits 2 'a misspelled flag' pgstride status -c "$(config wrong <<<$'pgstride:\n  max-stal: 1s')"
	like "$err" "wrong\.yml:2: there is no flag \"max-stal\"" 'with file and line'
	like "$err" 'Did you mean "max-stall"\?' 'and what was meant'
	exits 2 'a value of the wrong kind' pgstride status -c "$(config wrong <<<$'pgstride:\n  max-stall: 100')"
	like "$err" "wrong\.yml:2: \"max-stall\" takes a time" 'with file and line too'
	exits 2 'broken YAML' pgstride status -c "$(config wrong <<<$'a: [1\nb: 2')"
	like "$err" 'wrong\.yml:2:2: no YAML' 'with file, line and column'
	exits 2 'a file that is not there' pgstride status -c "$tmp/no.yml"
	like "$err" 'no\.yml: cannot read the configuration file' 'it is named'
	exits 2 'a file without a database is no database' pgstride status -c "$(config none <<<'pgstride: {dir: sql}')"
	exits 2 'memory is the name of no database' pgstride status -c "$(config memory <<<'dsn: memory')"
	exits 0 'help needs no file' pgstride up --help -c "$tmp/no.yml"
	exits 0 'nor does the version' env PGSTRIDE_CONFIG="$tmp/no.yml" "$pgstride_binary" version
	exits 2 'the error as JSON' pgstride status --format json -c "$tmp/etc/wrong.yml"
	is "$(jq -r '.error.line' <<<"$out")" 2 'with its line as a number'
}

secrets() {
	local file secret=Hush-Hush_4711
	file=$(config secret <<<"{dsn: \"postgresql://postgres:$secret@/shop?host=$server\", pgstride: {dir: sql}}")
	exits 0 'a password in the file' pgstride status -v -l TRACE --internal-log -c "$file"
	unlike "$out$err" "$secret" 'it is not printed'
	unlike "$err" 'warning' 'nothing to warn about'
	chmod 644 "$file"
	exits 0 'a file that everybody can read' pgstride status -c "$file"
	like "$err" 'warning: .*holds a password and everybody can read it: chmod 600' 'a warning'
	exits 2 'a database twice' pgstride status -c "$(config twice <<<"{dsn: 'host=a password=$secret', db: {dsn: 'host=b password=$secret'}}")"
	unlike "$out$err" "$secret" 'the refusal quotes neither'
	exits 2 'a password under a key that is none' pgstride status -c "$(config key <<<"{dsn: 'host=a', pgstride: {password: '$secret', steps: '$secret'}}")"
	unlike "$out$err" "$secret" 'the complaint does not quote it'
}

# Variables of other runners, none of which is the later one.
two_runners() {
	local address=(-d "$url") goose=GOOSE_MIGRATION_DIR=$tmp/etc/sql
	exits 2 'two folders by two runners' env "$goose" FLYWAY_LOCATIONS=elsewhere "$pgstride_binary" status "${address[@]}"
	like "$err" 'FLYWAY_LOCATIONS and GOOSE_MIGRATION_DIR are both set and differ' 'are named'
	exits 0 'which one is said by --dir' env "$goose" FLYWAY_LOCATIONS=elsewhere "$pgstride_binary" status "${address[@]}" --dir "$tmp/etc/sql"
	exits 0 'or by our own variable' env "$goose" FLYWAY_LOCATIONS=elsewhere PGSTRIDE_DIR="$tmp/etc/sql" "$pgstride_binary" status "${address[@]}"
	exits 0 'the same folder twice' env "$goose" DBMATE_MIGRATIONS_DIR="$tmp/etc/sql" "$pgstride_binary" status "${address[@]}"
	exits 0 'help is given all the same' env "$goose" FLYWAY_LOCATIONS=elsewhere "$pgstride_binary" help
}

seeds
precedence
mistakes
secrets
two_runners
finish
