#!/bin/bash
# rules.sh: the sync trigger does what the rules say, in every case there is.
#
# For each way to write a backfill the real program expands an empty table; then every
# combination of values before and after meets the trigger, and a plain SQL oracle says
# what each row must be.
. "$(dirname "$0")/../lib.sh"

# The rules as one would explain them, over text; f, r, undone are each case's own.
oracle() {
	cat <<-SQL
		CREATE SCHEMA rule;
		CREATE FUNCTION rule.f(o text) RETURNS text LANGUAGE sql AS \$\$ SELECT ($f)::text \$\$;
		CREATE FUNCTION rule.r(n text) RETURNS text LANGUAGE sql AS \$\$ SELECT ($r)::text \$\$;
		CREATE FUNCTION rule.undone(o text, n text) RETURNS boolean LANGUAGE sql AS \$\$ SELECT $undone \$\$;
		CREATE FUNCTION rule.updated(o0 text, n0 text, INOUT o text, INOUT n text) LANGUAGE plpgsql AS \$\$
		DECLARE
		    only_old boolean := o IS DISTINCT FROM o0 AND n IS NOT DISTINCT FROM n0;
		    only_new boolean := n IS DISTINCT FROM n0 AND o IS NOT DISTINCT FROM o0;
		BEGIN
		    IF only_old THEN n := rule.f(o); END IF;
		    IF only_new AND $back AND n IS DISTINCT FROM rule.f(o) THEN o := rule.r(n); END IF;
		    IF rule.undone(o, n) THEN n := rule.f(o); END IF;
		END \$\$;
		CREATE FUNCTION rule.inserted(INOUT o text, INOUT n text) LANGUAGE plpgsql AS \$\$
		DECLARE
		    old_missing boolean := o IS NULL OR o IS NOT DISTINCT FROM $odefault;
		    new_missing boolean := n IS NULL OR n IS NOT DISTINCT FROM $ndefault;
		BEGIN
		    IF new_missing THEN n := rule.f(o);
		    ELSIF old_missing AND $back THEN o := rule.r(n); END IF;
		    IF rule.undone(o, n) THEN n := rule.f(o); END IF;
		END \$\$;
	SQL
}

# Rows as they may stand before are written behind the trigger's back.
matrix() {
	cat <<-SQL
		CREATE TABLE rule.old_value AS SELECT DISTINCT v::$otype::text AS v FROM unnest(ARRAY[NULL, $olds]) v;
		CREATE TABLE rule.new_value AS SELECT DISTINCT v::$ntype::text AS v FROM unnest(ARRAY[NULL, $news]) v;
		CREATE TABLE rule.touch AS
		SELECT row_number() OVER ()::int AS id, o0.v AS o0, n0.v AS n0, o1.v AS o1, n1.v AS n1
		  FROM rule.old_value o0, rule.new_value n0, rule.old_value o1, rule.new_value n1;
		CREATE TABLE rule.birth AS
		SELECT 1000000 + row_number() OVER ()::int AS id, o.v AS o, n.v AS n
		  FROM rule.old_value o, rule.new_value n;

		ALTER TABLE $table DISABLE TRIGGER USER;
		INSERT INTO $table (id, $old, $new) SELECT id, o0::$otype, n0::$ntype FROM rule.touch;
		SELECT format('ALTER TABLE $table ENABLE ALWAYS TRIGGER %I', tgname)
		  FROM pg_trigger WHERE tgrelid = '$table'::regclass \gexec
		UPDATE $table t SET $old = c.o1::$otype, $new = c.n1::$ntype FROM rule.touch c WHERE t.id = c.id;
		INSERT INTO $table (id, $old, $new) SELECT id, o::$otype, n::$ntype FROM rule.birth;

		CREATE TABLE rule.must AS
		SELECT id, m.*, format('update (%L, %L) to (%L, %L)', o0, n0, o1, n1) AS what
		  FROM rule.touch, rule.updated(o0, n0, o1, n1) m
		UNION ALL
		SELECT id, m.*, format('insert (%L, %L)', birth.o, birth.n) FROM rule.birth, rule.inserted(birth.o, birth.n) m;
	SQL
}

verdict() {
	cat <<-SQL
		SELECT format('%s: is (%L, %L), must be (%L, %L)', m.what, t.$old, t.$new, m.o, m.n)
		  FROM rule.must m LEFT JOIN $table t USING (id)
		 WHERE t.id IS NULL OR t.$old::text IS DISTINCT FROM m.o OR t.$new::text IS DISTINCT FROM m.n
		 ORDER BY id;
	SQL
}

# What the sweep does to a table is nothing that the trigger may answer with.
sweep() {
	cat <<-SQL
		CREATE TABLE rule.before AS SELECT id, $old::text AS o FROM $table;
		ALTER TABLE $table DISABLE TRIGGER USER;
		INSERT INTO $table (id, $old, $new) SELECT 2000000 + id, o0::$otype, NULL FROM rule.touch WHERE rule.f(o0) IS NOT NULL;
		SELECT format('ALTER TABLE $table ENABLE ALWAYS TRIGGER %I', tgname)
		  FROM pg_trigger WHERE tgrelid = '$table'::regclass \gexec
		UPDATE $table SET $new = $fill WHERE id > 2000000 AND $new IS NULL;
		SELECT format('swept %s: (%L, %L)', t.id, t.$old, t.$new)
		  FROM $table t LEFT JOIN rule.touch c ON c.id = t.id - 2000000 LEFT JOIN rule.before b ON b.id = t.id
		 WHERE t.$old::text IS DISTINCT FROM coalesce(b.o, c.o0)
		    OR (t.id > 2000000 AND t.$new::text IS DISTINCT FROM rule.f(c.o0));
	SQL
}

# The defaults of one case; a case changes what it is about.
plain_case() {
	table=public.t old=a new=b otype=text ntype=text columns='' more=''
	olds="'x', 'y', 'Z'" news="'x', 'y', 'w'"
	fill=a f=o r=n back=true undone='n IS NULL' odefault="'no default'" ndefault="'no default'"
	sync=both where='b IS NULL' odef='' ndef='' allow=''
}

expand() {
	new_database "rules_$((++cases))"
	rm -rf "$tmp/migrations" && mkdir "$tmp/migrations"
	sql "${more:-SELECT}" >/dev/null
	sql "CREATE TABLE $table (id int PRIMARY KEY, $old $otype $odef $columns)"
	cat >"$tmp/migrations/20260515_rules.sql" <<-SQL
		-- migrate:expand $allow
		ALTER TABLE $table ADD COLUMN $new $ntype $ndef;

		-- migrate:backfill sync:$sync
		UPDATE $table SET $new = $fill ${where:+WHERE $where};

		-- migrate:contract
		ALTER TABLE $table ALTER COLUMN $new SET NOT NULL;
		ALTER TABLE $table DROP COLUMN $old;
	SQL
	keep pgstride up --dir "$tmp/migrations"
	[ "$status" -eq 0 ] || not_ok "$1: expands" "$out" "$err"
	return "$status"
}

cases=0
rules_hold() {
	local wrong
	expand "$1" || return
	wrong=$({ oracle && matrix && verdict; } | psql -XAtq -v ON_ERROR_STOP=1 2>&1 | head -n 12)
	is "$wrong" '' "$1: $(sql 'SELECT count(*) FROM rule.must' 2>&1) cases as the rules say"
	wrong=$(sweep | psql -XAtq -v ON_ERROR_STOP=1 2>&1 | head -n 12)
	is "$wrong" '' "$1: a sweep fills, and changes no old value"
}

start_postgres
plain_case
rules_hold 'a plain copy'

plain_case
fill='lower(a)' f='lower(o)' sync='both reverse:"a = b"'
rules_hold 'an expression with its way back'

plain_case
ntype='varchar(3)' olds="'ab', 'cd', 'too long'" news="'ab', 'q'"
f='CASE WHEN length(o) <= 3 THEN o END'
rules_hold 'a type that cannot hold every old value'

plain_case
otype=numeric ntype='numeric(10,0)' olds="'1.4', '1.6', '2'" news="'1', '2', '7'" f='round(o::numeric)'
rules_hold 'a type that rounds'

plain_case
otype=numeric ntype=numeric olds="'1.0', '1.00', '2'" news="'1.0', '1.00', '3'"
rules_hold 'values that are equal and not the same'

plain_case
otype=json ntype=json olds="'{\"a\":1}', '{\"a\": 1}', '[]'" news="'{\"a\":1}', '{}'"
rules_hold 'a type without an equality'

plain_case
otype=json ntype=jsonb fill='a::jsonb' f='o::jsonb' r='n::json' sync='both reverse:"a = b::json"'
olds="'{\"a\":1}', '{\"a\": 1}', '[]'" news="'{\"a\":1}', '{}'"
rules_hold 'an expression that forgets white space'

plain_case
more='CREATE DOMAIN short AS text CHECK (length(VALUE) < 3)' ntype=short
olds="'ab', 'abc'" news="'ab', 'q'" f='CASE WHEN length(o) < 3 THEN o END' allow='allow:domain-column:"the table is empty"'
rules_hold 'a domain that refuses some old values'

plain_case
fill="coalesce(a, 'none')" f="coalesce(o, 'none')" sync='both reverse:"a = b"' news="'x', 'none'"
rules_hold 'an expression that makes something of NULL'

plain_case
sync=forward back=false
rules_hold 'forward only'

plain_case
where='' undone='n IS DISTINCT FROM o'
rules_hold 'a backfill of every row'

plain_case
odef="DEFAULT 'x'" odefault="'x'" ndef="DEFAULT 'y'" ndefault="'y'"
rules_hold 'sides with defaults'

plain_case
otype=integer ntype=bigint olds='1, 2' news='1, 3' odef='DEFAULT 0' odefault="'0'" ndef='DEFAULT 7' ndefault="'7'"
rules_hold 'defaults of other types than their columns'

plain_case
more='CREATE SCHEMA "Odd, Schema"' table='"Odd, Schema"."My""Table $$"'
old='"Old ""Col"' new='"new; DROP TABLE x; --"' fill='"Old ""Col"' where='"new; DROP TABLE x; --" IS NULL'
rules_hold 'names that are no names'

# --- who writes, and from where --------------------------------------------------------

evil_equal="CREATE FUNCTION evil.equal(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE ''caught''; END';
     CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal);
     CREATE TYPE evil.record AS (x int);"

plain_case
fill='lower(a)' f='lower(o)' sync='both reverse:"a = b"' columns=', kind text'
where="kind = 'k' AND b IS NULL"
expand 'a scope'
sql "INSERT INTO t (id, a, kind) VALUES (1, 'In', 'k'), (2, 'Out', 'other'), (3, 'None', NULL);
     UPDATE t SET a = 'Still out' WHERE id = 2; UPDATE t SET a = 'In again' WHERE id = 1"
is "$(sql 'SELECT id, a, b FROM t ORDER BY id')" $'1|In again|in again\n2|Still out|\n3|None|' \
	'rows that the backfill is not about are left alone'
sql "UPDATE t SET kind = 'k' WHERE id = 2"
is "$(sql 'SELECT b FROM t WHERE id = 2')" 'still out' 'a row that comes into scope is filled on touch'

sql "CREATE ROLE clerk; GRANT SELECT, INSERT, UPDATE ON t TO clerk; REVOKE ALL ON SCHEMA pgstride FROM public;
     REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA pgstride FROM public;
     SET ROLE clerk; INSERT INTO t (id, a, kind) VALUES (4, 'Clerk', 'k'); UPDATE t SET a = 'Clerks' WHERE id = 1"
is "$(sql 'SELECT b FROM t WHERE id IN (1, 4) ORDER BY id')" $'clerks\nclerk' \
	'a role that may only write the table needs no other right'

sql "CREATE SCHEMA evil; CREATE FUNCTION evil.lower(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''evil''';
     $evil_equal
     SET search_path = evil, pg_catalog;
     INSERT INTO public.t (id, a, kind) VALUES (5, 'Path', 'k'); UPDATE public.t SET a = 'Paths' WHERE id = 1"
is "$(sql 'SELECT b FROM t WHERE id IN (1, 5) ORDER BY id')" $'paths\npath' \
	'the search path of a writer changes nothing'

sql "SET session_replication_role = replica; INSERT INTO t (id, a, kind) VALUES (6, 'Apply', 'k');
     UPDATE t SET b = 'applied' WHERE id = 1"
is "$(sql 'SELECT a, b FROM t WHERE id IN (1, 6) ORDER BY id')" $'applied|applied\nApply|apply' \
	'replica sessions and logical apply keep both sides level'

sql "INSERT INTO t (id, a, kind) VALUES (1, 'Upsert', 'k') ON CONFLICT (id) DO UPDATE SET a = excluded.a;
     INSERT INTO t (id, b, kind) VALUES (4, 'upnew', 'k') ON CONFLICT (id) DO UPDATE SET b = excluded.b"
printf '7\tCopied\tk\n' | psql -Xq -c 'COPY t (id, a, kind) FROM STDIN'
is "$(sql 'SELECT a, b FROM t WHERE id IN (1, 4, 7) ORDER BY id')" $'Upsert|upsert\nupnew|upnew\nCopied|copied' \
	'upserts and COPY are writers like others'

sql "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := NEW.a || ''!''; RETURN NEW; END';
     CREATE TRIGGER zz_last BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout();
     UPDATE t SET a = 'Loud' WHERE id = 1"
is "$(sql 'SELECT a, b FROM t WHERE id = 1')" 'Loud!|loud!' 'it runs after triggers of the user, whatever their name'

plain_case
expand 'a copy under another path'
sql "CREATE SCHEMA evil; $evil_equal SET search_path = evil, pg_catalog;
     INSERT INTO public.t (id, b) VALUES (1, 'Path'); UPDATE public.t SET a = 'Paths' WHERE id = 1"
is "$(sql 'SELECT a, b FROM t')" 'Paths|Paths' 'a copy that pins no path looks nothing up'

plain_case
expand 'a writer that saves what it read'
sql "ALTER TABLE t DISABLE TRIGGER USER; INSERT INTO t (id, a) VALUES (1, 'old')"
sql "SELECT format('ALTER TABLE t ENABLE ALWAYS TRIGGER %I', tgname) FROM pg_trigger" | psql -XAtq
sql "UPDATE t SET b = a WHERE id = 1; UPDATE t SET a = 'saved', b = NULL WHERE id = 1"
is "$(sql 'SELECT a, b FROM t')" 'saved|saved' 'a row read before the sweep and saved whole after it stays filled'

sql "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
use_database latin
sql 'CREATE TABLE t (id int PRIMARY KEY, a text)'
exits 0 'a database that cannot hold an arrow is expanded' pgstride up --dir "$tmp/migrations"

finish
