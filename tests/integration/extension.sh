#!/bin/bash
# extended
# extension.sh: the client meets the server extension, and every way in which it cannot
# be used. Then it says so once, with what helps, and works without it.
. "$(dirname "$0")/../lib.sh"
start_postgres
new_database shop
cd "$tmp" || exit 1
mkdir migrations
printf -- '-- migrate:up\nCREATE TABLE one (id int);\n' >migrations/1_one.sql
version=$(sql "SELECT extversion FROM pg_extension WHERE extname = 'pgstride'")

# The protocol of another age, with nothing else changed.
speaks() { sql "CREATE OR REPLACE FUNCTION pgstride_server.protocol() RETURNS int LANGUAGE sql AS 'SELECT $1'"; }
warned() { grep -c 'working without the server extension' <<<"$err"; }

# --- ours ------------------------------------------------------------------------------

exits 0 'ours: doctor' pgstride doctor
like "$out" "version $version of the server extension is in use, protocol 1" 'ours: doctor says that it is in use'
exits 0 'ours: version' pgstride version --format json
protocol=$(sql 'SELECT pgstride_server.protocol()')
like "$out" "\"extension_protocol\": *$protocol" 'ours: both sides speak the same protocol'
exits 0 'ours: status' pgstride status
is "$(warned)" 0 'ours: nobody is warned'

# --- not ours --------------------------------------------------------------------------

speaks 0
exits 0 'older: status goes on' pgstride status
is "$(warned)" 1 'older: it warns once'
like "$err" 'ALTER EXTENSION pgstride UPDATE' 'older: with what helps'
exits 0 'older: up works' pgstride up
like "$(sql '\d one')" 'id' 'older: it was done'
exits 0 'older: doctor' pgstride doctor
like "$out" 'speaks protocol 0, and this pgstride speaks 1' 'older: doctor says so'
is "$(warned)" 0 'older: and does not say it twice'
exits 0 'older: doctor, for programs' pgstride doctor --format json
like "$out" 'speaks protocol 0, and this pgstride speaks 1' 'older: it is among the notes'
speaks 99
exits 0 'newer: status goes on' pgstride status
like "$err" 'speaks protocol 99, and this pgstride speaks 1: upgrade pgstride' 'newer: it warns, with what helps'

speaks NULL::int
exits 0 'none of any age: status goes on' pgstride status
like "$err" 'speaks protocol 0, and this pgstride speaks 1' 'none of any age: it warns'
sql 'ALTER EXTENSION pgstride DROP FUNCTION pgstride_server.protocol(); DROP FUNCTION pgstride_server.protocol()'
exits 0 'no protocol at all: status goes on' pgstride status
is "$(warned)" 1 'no protocol at all: it warns once'
like "$err" 'does not answer \(.*pgstride_server.protocol\(\) does not exist' 'no protocol at all: and says of what'

# --- broken ----------------------------------------------------------------------------

sql 'DROP EXTENSION pgstride; CREATE EXTENSION pgstride'
sql "UPDATE pg_proc SET probin = '\$libdir/pgstride_gone' WHERE oid = 'pgstride_server.protocol()'::regprocedure"
exits 0 'its library is gone: status goes on' pgstride status
like "$err" 'does not answer \(.*pgstride_gone.*install its library on this server' 'its library is gone: it warns, with what helps'

# --- not for us ------------------------------------------------------------------------

new_database closed
sql 'DROP EXTENSION pgstride; CREATE EXTENSION pgstride; CREATE ROLE "app one" LOGIN'
app="host=$server port=5432 user='app one' dbname=closed"
exits 0 'closed to us: status goes on' pgstride status -d "$app"
like "$err" 'may not be used by "app one"' 'closed to us: it warns'
grants=$(sed -nE 's/.*(GRANT USAGE .*)/\1/p' <<<"$err")
sql "$grants"
exits 0 'closed to us: status after the grants that it named' pgstride status -d "$app"
is "$(warned)" 0 'closed to us: those were enough'
sql "REVOKE EXECUTE ON FUNCTION pgstride_server.protocol() FROM \"app one\""
exits 0 'closed to us: status goes on with some of it' pgstride status -d "$app"
is "$(warned)" 1 'closed to us: some of it is not enough'

# --- none ------------------------------------------------------------------------------

sql 'DROP EXTENSION pgstride'
exits 0 'none: status' pgstride status
is "$(warned)" 0 'none: nobody is warned'
exits 0 'none: doctor' pgstride doctor
like "$out" "the server could give it: CREATE EXTENSION pgstride, version $version" 'none: doctor says that it could be had'

finish
