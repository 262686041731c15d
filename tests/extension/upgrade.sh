#!/bin/bash
# extended
# upgrade.sh: a database that was upgraded has what a fresh one has, from every version
# there ever was. 1.0 is the first: that the comparison sees a difference is shown on a
# version made up here.
. "$(dirname "$0")/../lib.sh"

# A server of our own, whose extensions we may add to.
tree=$tmp/tree
whole=$PGSTRIDE_TEST_EXTENSION # or something above it
while [ ! -d "$whole/share" ]; do whole=$(dirname "$whole"); done
bin=${PGSTRIDE_TEST_EXTENSION#"$whole"/}
mkdir "$tree"
cp -a "$whole/." "$tree" || exit 1
chmod 755 "$tmp" "$tree"
export PGSTRIDE_TEST_EXTENSION=$tree/$bin
scripts=$("$tree/$bin/pg_config" --sharedir)/extension
newest=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$scripts/pgstride.control")
start_postgres

# Everything that belongs to the extension, and all that is said about it.
members() {
	sql "SELECT pg_describe_object(classid, objid, objsubid) AS member
	       FROM pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass
	        AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'pgstride') ORDER BY 1;
	     SELECT p.oid::regprocedure, p.prokind, p.proowner::regrole, p.provolatile, p.proparallel, p.proisstrict, p.prosecdef,
	            p.procost, p.prorows, p.proconfig, p.prosrc, p.probin, p.proacl::text,
	            pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), obj_description(p.oid, 'pg_proc')
	       FROM pg_proc p WHERE p.pronamespace = 'pgstride_server'::regnamespace ORDER BY p.proname;
	     SELECT c.relname, c.relkind, c.relacl FROM pg_class c WHERE c.relnamespace = 'pgstride_server'::regnamespace ORDER BY 1;
	     SELECT t.typname FROM pg_type t WHERE t.typnamespace = 'pgstride_server'::regnamespace ORDER BY 1;
	     SELECT i.privtype, i.initprivs::text FROM pg_init_privs i WHERE i.classoid = 'pg_proc'::regclass
	        AND i.objoid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'pgstride_server'::regnamespace) ORDER BY i.objoid::regprocedure::text;
	     SELECT nspowner::regrole, nspacl FROM pg_namespace WHERE nspname = 'pgstride_server';
	     SELECT extversion, extowner::regrole, extnamespace::regnamespace, extrelocatable, extconfig FROM pg_extension WHERE extname = 'pgstride'"
}
# fresh_database NAME: one without the extension.
fresh_database() {
	new_database "$1" template0
	sql 'DROP EXTENSION IF EXISTS pgstride; DROP SCHEMA IF EXISTS pgstride_server'
}
# upgraded VERSION: what a database of that version has after the update.
upgraded() {
	fresh_database upgraded
	sql "CREATE EXTENSION pgstride VERSION '$1'" &&
		sql 'ALTER EXTENSION pgstride UPDATE' && members
}

fresh_database fresh
sql 'CREATE EXTENSION pgstride'
members >"$tmp/fresh"
like "$(cat "$tmp/fresh")" 'function pgstride_server.protocol\(\)' 'the comparison sees the functions'
like "$(tail -n 1 "$tmp/fresh")" "^$newest\|" 'and the version'

for script in "$scripts"/pgstride--*.sql; do
	version=$(basename "$script" .sql) version=${version#pgstride--}
	[[ $version == *--* || $version == "$newest" ]] || is "$(upgraded "$version")" "$(cat "$tmp/fresh")" "upgraded from $version: equals a fresh $newest"
done

# A version that never was: one function less, and another with other properties.
remade() { sed -E 's/^CREATE (FUNCTION|PROCEDURE)/CREATE OR REPLACE \1/; /has functions in it/s/EXCEPTION/NOTICE/' "$scripts/pgstride--$newest.sql"; }
sed -E '/^CREATE FUNCTION pgstride_server.lock_holders/,/^\t\$\$;/d; s/IMMUTABLE STRICT/STABLE STRICT/' "$scripts/pgstride--$newest.sql" >"$scripts/pgstride--0.0.1.sql"
remade >"$scripts/pgstride--0.0.1--$newest.sql"
is "$(upgraded 0.0.1)" "$(cat "$tmp/fresh")" 'upgraded from a version that never was: equals a fresh one'

# What an upgrade script may forget is seen.
forgets() {
	remade | sed -E "$2" >"$scripts/pgstride--0.0.1--$newest.sql"
	unlike "$(diff "$tmp/fresh" <(upgraded 0.0.1) && echo the same)" '^the same$' "an upgrade that $1: seen"
}
forgets 'forgets a function' '/^CREATE OR REPLACE FUNCTION pgstride_server.lock_holders/,/^\t\$\$;/d'
forgets 'leaves a function to PUBLIC' '/^REVOKE ALL ON ALL ROUTINES/d'
forgets 'forgets what a function is' '/^CREATE OR REPLACE FUNCTION pgstride_server.protocol/,/;/s/IMMUTABLE/STABLE/'

finish
