#!/bin/bash
# once: files are read before a server is met
# files.sh: migration files as people write them: read, split by the server's own
# grammar, refused with file and line, and run on a real server.
. "$(dirname "$0")/../lib.sh"

fresh() {
	new_database "$1"
	dir=$tmp/$1
	mkdir -p "$dir"
	export PGSTRIDE_DIR=$dir
}
migration() { cat >"$dir/$1"; }
columns() {
	sql "SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute
	      WHERE attrelid = to_regclass('$1') AND attnum > 0 AND NOT attisdropped"
}

# refuses PLACE WHAT: with stdin as the only file, validate names PLACE (file:line).
refuses() {
	local file=${1%%:*}
	rm -rf "${dir:?}" && mkdir -p "$dir"
	cat >"$dir/$file"
	keep env -u PGSTRIDE_DATABASE "$pgstride_binary" validate
	like "$status" '^(2|4)$' "refused: $2"
	like "$err$out" "${1//./\\.}" "refused at $1: $2"
}

refusals() {
	fresh refusals
	unset PGHOST
	refuses 1_a.sql:1 'a section that does not exist' <<<'-- migrate:expnd'
	refuses 1_a.sql:2 'an option that does not exist' <<<$'\n-- migrate:backfill snc:both\nUPDATE a SET b = c WHERE b IS NULL;'
	refuses 1_a.sql:1 'an option twice' <<<$'-- migrate:up transaction:false transaction:true\nSELECT 1;'
	refuses 1_a.sql:1 'a value that is none' <<<$'-- migrate:backfill sync:sideways\nUPDATE a SET b = c WHERE b IS NULL;'
	refuses 1_a.sql:1 'a quote that does not end' <<<$'-- migrate:up allow:rename:"why\nSELECT 1;'
	refuses 1_a.sql:3 'sections in the wrong order' <<<$'-- migrate:contract\nALTER TABLE a DROP COLUMN b;\n-- migrate:expand\nALTER TABLE a ADD COLUMN b int;'
	refuses 1_a.sql:3 'up beside expand' <<<$'-- migrate:up\nSELECT 1;\n-- migrate:expand\nSELECT 1;'
	refuses 1_a.sql:3 'up twice' <<<$'-- migrate:up\nSELECT 1;\n-- migrate:up\nSELECT 2;'
	refuses 1_a.sql:3 'a syntax error' <<<$'-- migrate:up\nSELECT 1;\nSELEC 2;'
	refuses 1_a.sql:2 'LIMIT in a backfill' <<<$'-- migrate:backfill\nUPDATE a SET b = 1 WHERE id IN (SELECT id FROM a WHERE b IS NULL LIMIT 10);'
	refuses 1_a.sql:2 'a SELECT in a backfill' <<<$'-- migrate:backfill\nSELECT 1;'
	refuses 1_a.sql:2 'a psql command' <<<$'-- migrate:up\n\\connect other'
	refuses 1_a.sql:2 'a template' <<<$'-- migrate:up\nSELECT {{ .Name }};'
	refuses 1_a.sql:3 'a transaction of its own' <<<$'-- migrate:up\nSELECT 1;\nCOMMIT;'
	export PGHOST=$server

	fresh duplicates
	migration 01_a.sql <<<'SELECT 1;'
	migration 1_b.sql <<<'SELECT 1;'
	keep pgstride validate
	like "$status" '^(2|4)$' 'a version twice is refused'
	like "$err$out" '01_a\.sql' 'the first of the two is named'
	like "$err$out" '1_b\.sql' 'the second of the two is named'
}

encodings() {
	fresh encodings
	printf -- '\xef\xbb\xbf-- migrate:up\r\nCREATE TABLE crlf (\r\n  n int\r\n);\r\n\r\n-- migrate:down\r\nDROP TABLE crlf;\r\n' | migration 1_crlf.sql
	printf -- '-- only a comment, /* no statement */' | migration 2_comment.sql
	printf '' | migration 3_empty.sql
	printf -- 'CREATE TABLE "Größe" ("naïve" text DEFAULT '\''…'\'')' | migration 4_unicode.sql
	exits 0 'BOM, CRLF, comments only, nothing, no final semicolon: all run' pgstride up
	is "$(columns crlf)" n 'the CRLF file ran'
	is "$(columns '"Größe"')" naïve 'names keep their letters'
	keep pgstride status --exit-code
	is "$status" 0 'nothing is pending'
	printf -- '-- migrate:up\nCREATE TABLE crlf (\n  n int\n);\n\n-- migrate:down\nDROP TABLE crlf;\n' | migration 1_crlf.sql
	exits 0 'other line ends are no other text' pgstride up
}

splitting() {
	fresh splitting
	migration 1_split.sql <<-'SQL'
		-- migrate:up
		;;
		CREATE TABLE log (what text); /* a /* nested; */ comment; */
		CREATE FUNCTION quoted() RETURNS text LANGUAGE plpgsql AS $body$
		BEGIN
		    -- migrate:down is text here
		    RETURN 'a;b' || $$;$$;
		END;
		$body$;;
		CREATE FUNCTION atomic() RETURNS int LANGUAGE sql
		BEGIN ATOMIC
		    SELECT 1;
		    SELECT CASE WHEN true THEN 2 END;
		END;
		INSERT INTO log VALUES (E'it\'s; here'), (';'), (quoted()), (atomic()::text);
		DO $$ BEGIN INSERT INTO log VALUES ('do;'); END $$;
	SQL
	since 14 'BEGIN ATOMIC' || sed -i "/^BEGIN ATOMIC/,/^END;/c AS 'SELECT 1; SELECT 2';" "$PGSTRIDE_DIR/1_split.sql"
	exits 0 'dollar quotes, BEGIN ATOMIC, nested comments, ;;' pgstride up
	is "$(sql "SELECT string_agg(what, '|' ORDER BY what COLLATE \"C\") FROM log")" "2|;|a;b;|do;|it's; here" 'each statement is what was meant'
}

folders() {
	fresh folders
	migration 20260101_pair.up.sql <<<'CREATE TABLE pair (n int);'
	migration 20260101_pair.down.sql <<<'DROP TABLE pair;'
	migration 20260102_split.expand.sql <<<'ALTER TABLE pair ADD COLUMN m int;'
	migration 20260102_split.backfill.sql <<<$'-- migrate:backfill sync:both\nUPDATE pair SET m = n WHERE m IS NULL;'
	migration 20260102_split.contract.sql <<<'ALTER TABLE pair DROP COLUMN n;'
	migration 20260102_split.expand.down.sql <<<'ALTER TABLE pair DROP COLUMN m;'
	migration 20260103_engines.mysql.up.sql <<<'THIS IS NOT FOR POSTGRESQL'
	migration 20260103_engines.postgres.up.sql <<<'CREATE TABLE engines (n int);'
	migration 20260103_engines.up.sql <<<'CREATE TABLE generic (n int);'
	migration 20260104_other.sqlite3.up.sql <<<'PRAGMA nothing;'
	exits 0 'pairs, phases in files, engines' pgstride up
	is "$(columns pair)" 'm n' 'expand ran, contract did not'
	is "$(columns engines)$(columns generic)" n "the engine's own file beats the generic one"
	keep pgstride status
	like "$out" '20260104_other.*skip' 'a version without a part for this engine is skipped'
	exits 0 'down of the last one applied' pgstride down --yes --steps 1
	exits 0 'contract of the split one' pgstride contract --yes 20260102
	is "$(columns pair)" m 'its contract ran'
}

outside_transactions() {
	fresh outside
	migration 1_base.sql <<<'CREATE TABLE base (n int); INSERT INTO base SELECT generate_series(1, 100);'
	migration 2_alone.sql <<-'SQL'
		ALTER TABLE base ADD COLUMN m int;
		CREATE INDEX CONCURRENTLY base_n ON base (n);
		VACUUM base;
		ALTER TYPE pg_catalog.int4 OWNER TO nobody_at_all;
	SQL
	exits 1 'statements that refuse a transaction run alone, until one fails' pgstride up
	like "$err" '2_alone\.sql:4' 'the failing one is named by its line'
	is "$(sql "SELECT indisvalid FROM pg_index WHERE indexrelid = 'base_n'::regclass")" t 'the index is there, and valid'
	sed -i '$d' "$dir/2_alone.sql"
	exits 0 'mended, it goes on where it stopped' pgstride up
	is "$(sql "SELECT count(*) FROM pgstride.events WHERE version = '2' AND kind = 'step' AND outcome = 'done' AND what LIKE '%base_n%'")" 1 'the index was built once'
}

fresh_migrations() {
	fresh new
	exits 0 'new makes a file' pgstride new 'add role'
	is "$(find "$dir" -name '*.sql' | wc -l)" 1 'one file'
	exits 0 'that validates' pgstride validate
	exits 0 'new makes a file with phases' pgstride new split_role --phases
	exits 0 'that validates too' pgstride validate
	local newest
	newest=$(find "$dir" -name '*split_role.sql')
	like "$(cat "$newest")" '^-- migrate:backfill' 'with its sections'
	exits 0 'the older one stays' test "$(find "$dir" -name '*.sql' | wc -l)" -eq 2
}

# Whose SQL a file holds, where no database is there to tell.
engines() {
	fresh engines
	printf '%s\n' '-- migrate:up' "INSERT INTO t VALUES ('it\\'s'); # why" '-- migrate:down' 'SELECT 1;' >"$dir/1_a.sql"
	local validate=(env -u PGSTRIDE_DATABASE "$pgstride_binary" validate)
	exits 2 'a file is PostgreSQL until somebody says otherwise' "${validate[@]}"
	exits 0 'read as MariaDB reads it' "${validate[@]}" --engine mariadb
	exits 2 'SQLite knows neither its backslashes nor its comments' "${validate[@]}" --engine sqlite
	exits 2 'an engine that nobody knows' "${validate[@]}" --engine oracle
	like "$err" 'mariadb' 'is told which there are'
	exits 2 'one that the database is not' pgstride validate --engine mysql
	mv "$dir/1_a.sql" "$dir/1_a.mysql.sql"
	exits 0 'a folder that is named for one engine alone says so itself' "${validate[@]}"
	like "$out" 'as SQL for mysql' 'and is told'
}

start_postgres
engines
refusals
encodings
splitting
folders
outside_transactions
fresh_migrations
finish
