# Who may create the extension, use it, and lock what; and who only tries to.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('roles');
$node->init;
$node->append_conf('postgresql.conf', "max_prepared_transactions = 4\n");
$node->start;

my $take = q(SELECT looks FROM pgstride_server.lock_tables('{t}', '{ACCESS EXCLUSIVE}', '{f}', 0));

# as ROLE SQL: what it answers, or the first line of why not.
sub as
{
	my ($role, $sql) = @_;
	my ($ret, $out, $err) = $node->psql('shop', $sql, extra_params => [ '-U', $role ]);
	return $ret == 0 ? $out : $err =~ s/^.*?(ERROR:[^\n]*).*$/$1/sr;
}

$node->safe_psql('postgres', 'CREATE ROLE app LOGIN; CREATE ROLE guest LOGIN; CREATE ROLE evil LOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE shop OWNER app');
$node->safe_psql('shop', 'GRANT CREATE ON SCHEMA public TO app; GRANT CREATE ON DATABASE shop TO evil');

# --- whose extension it is -------------------------------------------------------------

like(as('guest', 'CREATE EXTENSION pgstride'), qr/permission denied/, 'a guest cannot create it');

as('evil', 'CREATE SCHEMA pgstride_server; GRANT ALL ON SCHEMA pgstride_server TO guest;
	CREATE FUNCTION pgstride_server.lock_tables(regclass[], text[], boolean[], int) RETURNS int LANGUAGE sql AS $$SELECT 666$$');
like(as('app', 'CREATE EXTENSION pgstride'), qr/has functions in it that are not ours/, 'not beside functions of others');
as('evil', 'DROP FUNCTION pgstride_server.lock_tables(regclass[], text[], boolean[], int)');

is(as('app', 'CREATE EXTENSION pgstride'), '', 'the owner of the database can, and need not be a superuser');
like(as('evil', 'CREATE FUNCTION pgstride_server.f() RETURNS int LANGUAGE sql AS $$SELECT 1$$'),
	qr/permission denied/, 'a schema that was there belongs to its maker no more');
like(as('guest', 'CREATE TABLE pgstride_server.t (id int)'), qr/permission denied/, 'nor to whom he granted it');
is(as('app', 'CREATE TABLE t (id int); SELECT pgstride_server.protocol()'), '1', 'who created it may use it');
is(as('app', $take), '1', 'and lock what is his');

# --- everybody else --------------------------------------------------------------------

is($node->safe_psql('shop', q(
	SELECT count(*) FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
	 WHERE p.pronamespace = 'pgstride_server'::regnamespace AND g.grantee NOT IN (p.proowner, 'app'::regrole))),
	'0', 'no function of it is anybody else\'s');
is($node->safe_psql('shop', q(
	SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgstride_server'::regnamespace AND prosecdef)),
	'0', 'and none runs with other rights than its caller\'s');
like(as('guest', $take), qr/permission denied for schema pgstride_server/, 'a guest may not use it');
$node->safe_psql('shop', 'GRANT USAGE ON SCHEMA pgstride_server TO guest; GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pgstride_server TO guest');
like(as('guest', $take), qr/permission denied for table t/, 'nor, if he may, lock what is not his');
like(as('guest', "BEGIN; $take"), qr/permission denied for table t/, 'refused before anything is locked');

# --- what a guest sees -----------------------------------------------------------------

my $look = q(SELECT kind, begun IS NOT NULL FROM pgstride_server.lock_conflicts('{t}', '{ACCESS EXCLUSIVE}', '{f}'));
my $reader = $node->background_psql('shop', extra_params => [ '-U', 'app' ]);
$reader->query_safe('BEGIN; SELECT * FROM t');
is(as('guest', $look), 'session|f', 'of others no more than pg_stat_activity tells him');
is(as('app', $look), 'idle|t', 'his own sessions whole');
$node->safe_psql('shop', 'GRANT TRUNCATE ON t TO guest');
is(as('guest', $look), 'session|t', 'since when they are in the way, who may lock the table');
$reader->quit;

# --- hostile names, met on the way to an answer ----------------------------------------

$node->safe_psql('shop', q(
	CREATE SCHEMA hostile;
	CREATE FUNCTION hostile.trap() RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'trapped'; END$$;
	CREATE FUNCTION hostile.same(xid, xid) RETURNS boolean LANGUAGE sql AS $$SELECT hostile.trap() IS NULL$$;
	CREATE FUNCTION hostile.since(timestamptz, timestamptz) RETURNS interval LANGUAGE sql AS $$SELECT hostile.trap()::interval$$;
	CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT hostile.trap()::timestamptz$$;
	CREATE OPERATOR hostile.= (LEFTARG = xid, RIGHTARG = xid, FUNCTION = hostile.same);
	CREATE OPERATOR hostile.- (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = hostile.since);
	CREATE VIEW hostile.pg_prepared_xacts AS SELECT '1'::xid AS transaction, hostile.trap() AS gid, now() AS prepared;
	CREATE TABLE "Odd ""name""; DROP TABLE t" (id int);
	BEGIN; INSERT INTO "Odd ""name""; DROP TABLE t" VALUES (1); PREPARE TRANSACTION 'kept'));
is(as('postgres', q(SET search_path = hostile, public, pg_catalog;
	SELECT gid, kind, held, granted, age IS NOT NULL
	  FROM pgstride_server.lock_holders(ARRAY['"Odd ""name""; DROP TABLE t"']::regclass[], 'SHARE'))),
	'kept|prepared|RowExclusiveLock|t|t', 'whoever the caller\'s search path finds first is not asked');
like(as('postgres', q(SET search_path = hostile, public, pg_catalog;
	SELECT looks FROM pgstride_server.lock_tables(ARRAY['"Odd ""name""; DROP TABLE t"']::regclass[], '{SHARE}', '{f}', 0))),
	qr/could not obtain lock on relation "Odd "name"; DROP TABLE t"/, 'a name is a name');
is(as('postgres', 'SELECT count(*) FROM t'), '0', 'and no statement');

done_testing();
