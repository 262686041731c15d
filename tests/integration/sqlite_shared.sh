#!/bin/bash
# once: there is no extension for a file
# sqlite_shared.sh: rows that share what is to be unique are counted and named before
# anything of the migration is there.
. "$(dirname "$0")/../lib.sh"
folder=$tmp/migrations
file=$tmp/shop.db

query() { sqlite3 "$file" "$1"; }
go() { pgstride "$@" --database "sqlite:$file" --dir "$folder"; }
migration() { cat >"$folder/$1"; }

mkdir "$folder"
migration 1_mails.sql <<<"CREATE TABLE mails (id integer PRIMARY KEY, email text COLLATE NOCASE, kind text);
	INSERT INTO mails (email, kind) VALUES ('a@x', 'old'), ('A@X', 'new'), ('b@x', 'old'), ('B@x', 'old'), (NULL, 'old'), (NULL, 'old');"
exits 0 'mails' go up
migration 2_key.sql <<<$'ALTER TABLE mails ADD COLUMN first text;\nCREATE UNIQUE INDEX mails_email ON mails (email, lower(kind)) WHERE id > 1;'
exits 4 'a unique index over rows that share its key' go up
like "$err" '2_key.sql:2\): 1 key \(email, lower\(kind\)\) of "mails" is there more than once' 'is refused at its line'
like "$err" 'email [bB]@x, lower\(kind\) old, 2 rows' 'the keys are named'
like "$err" 'Mend them, then: pgstride up --to 2' 'and the way on'
is "$(query "SELECT count(*) FROM pragma_table_info('mails') WHERE name = 'first'")" 0 'before anything has changed'
migration 2_key.sql <<<$'DELETE FROM mails WHERE id = 3;\nALTER TABLE mails ADD CONSTRAINT one UNIQUE (email);'
exits 4 'nor does a table made again bear them' go up
like "$err" '2_key.sql:2\): 1 key \(email\) of "mails"' 'what the migration has mended before does not count'
is "$(query 'SELECT count(*) FROM mails')" 6 'and its rows are as before'
migration 2_key.sql <<<$'DELETE FROM mails WHERE id IN (1, 3);\nALTER TABLE mails ADD CONSTRAINT one UNIQUE (email);'
exits 0 'once all are mended' go up
finish
