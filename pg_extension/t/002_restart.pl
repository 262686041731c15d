# Nothing is held after a crash that was not promised, and what was prepared is named.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('restart');
$node->init;
$node->append_conf('postgresql.conf', "max_prepared_transactions = 4\n");
$node->start;
$node->safe_psql('postgres', q(
	CREATE EXTENSION pgstride;
	CREATE TABLE held (id int); CREATE TABLE kept (id int);
	BEGIN; INSERT INTO kept VALUES (1); PREPARE TRANSACTION 'kept'));

my $who = q(SELECT coalesce(gid, '-'), kind, held, age > '0s' FROM pgstride_server.lock_holders('{held,kept}', 'ACCESS EXCLUSIVE'));
my $named = 'kept|prepared|RowExclusiveLock|t';

is($node->safe_psql('postgres', $who), $named, 'a prepared transaction is named');

# The session that prepared it does something else meanwhile: it is not in the way.
my $same = $node->background_psql('postgres');
$same->query_safe(q(BEGIN; INSERT INTO kept VALUES (2); PREPARE TRANSACTION 'too'));
$same->query_safe('BEGIN; SELECT count(*) FROM held');
is($node->safe_psql('postgres', "$who ORDER BY 1"),
	"-|idle|AccessShareLock|t\n$named\ntoo|prepared|RowExclusiveLock|t", 'and is not taken for the session that prepared it');
$same->query_safe('COMMIT');
$node->safe_psql('postgres', q(ROLLBACK PREPARED 'too'));
$same->quit;

for my $mode (qw(fast immediate))
{
	my $taker = $node->background_psql('postgres', on_error_stop => 0);
	$taker->query_safe(q(BEGIN; SELECT looks FROM pgstride_server.lock_tables('{held}', '{ACCESS EXCLUSIVE}', '{f}', 0)));
	is($node->safe_psql('postgres', q(SELECT held FROM pgstride_server.lock_holders('{held}', 'ACCESS SHARE'))),
		'AccessExclusiveLock', "before a stop, $mode: it is held");
	$node->stop($mode);
	eval { $taker->quit };
	$node->start;
	is($node->safe_psql('postgres', 'SELECT pgstride_server.protocol()'), '1', "after it, $mode: the extension answers");
	is($node->safe_psql('postgres', $who), $named, "after it, $mode: only the prepared transaction is in the way, by its name");
	my ($ret, $out, $err) = $node->psql('postgres', q(SELECT looks FROM pgstride_server.lock_tables('{held,kept}', '{SHARE,SHARE}', '{f,f}', 20)));
	like($err, qr/could not obtain lock on relation "kept"/, "after it, $mode: and refuses us");
}
$node->safe_psql('postgres', q(COMMIT PREPARED 'kept'));
is($node->safe_psql('postgres', q(SELECT looks FROM pgstride_server.lock_tables('{held,kept}', '{SHARE,SHARE}', '{f,f}', 0))),
	'1', 'once it has ended nobody is');

# A backend that is killed while it looks, and one while it queues.
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN; SELECT count(*) FROM held');
for my $times ('600000, 0', '0, 600000')
{
	my $taker = $node->background_psql('postgres', on_error_stop => 0);
	$taker->query_until(qr/under way/, qq(\\echo under way\nSELECT looks FROM pgstride_server.lock_tables('{held}', '{ACCESS EXCLUSIVE}', '{f}', $times);\n));
	my $pid = q(SELECT pid FROM pg_stat_activity WHERE query LIKE '%lock\_tables%' AND pid <> pg_backend_pid());
	$node->poll_query_until('postgres', "SELECT EXISTS ($pid)");
	$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM ($pid) p");
	ok($node->poll_query_until('postgres', "SELECT NOT EXISTS ($pid)"), "looking or queueing ($times ms): ended at once when told to");
	eval { $taker->quit };
}
$reader->quit;

done_testing();
