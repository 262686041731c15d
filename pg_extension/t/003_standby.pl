# What could not be had must not be replayed: a lock that was taken and given back on the
# primary blocks readers of a standby until our transaction ends.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->start;
$primary->safe_psql('postgres', 'CREATE EXTENSION pgstride; CREATE TABLE a (id int); CREATE TABLE b (id int)');
$primary->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'copy', has_streaming => 1);
$standby->append_conf('postgresql.conf', "max_standby_streaming_delay = -1\n");
$standby->start;

my $replayed = sub {
	$primary->safe_psql('postgres', 'SELECT pg_log_standby_snapshot()') if $primary->pg_version >= 16;
	$primary->safe_psql('postgres', 'CREATE TABLE after_it (); DROP TABLE after_it');
	$primary->wait_for_catchup($standby);
};
my $locked = q(SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IN ('a'::regclass, 'b'::regclass));

# The second is refused: by the look alone, and by a queue that had the first.
my $reader = $primary->background_psql('postgres');
$reader->query_safe('BEGIN; SELECT count(*) FROM b');
my $taker = $primary->background_psql('postgres', on_error_stop => 0);
$taker->query_safe('BEGIN');
for my $times ('20, 0, 0', '0, 20, 0')
{
	$taker->query_safe('SAVEPOINT s');
	$taker->query(qq(SELECT looks FROM pgstride_server.lock_tables('{a,b}', '{ACCESS EXCLUSIVE,ACCESS EXCLUSIVE}', '{f,f}', $times)));
	$taker->{stderr} = ''; # it was refused, as it should be
	$taker->query_safe('ROLLBACK TO s');
	is($primary->safe_psql('postgres', $locked), '0', "refused ($times): nothing is held on the primary");
	$replayed->();
	is($standby->safe_psql('postgres', $locked), '0', "refused ($times): nor on the standby, while our transaction goes on");
	is($standby->safe_psql('postgres', 'SET lock_timeout = 10000; SELECT count(*) FROM a'), '0', "refused ($times): its readers read on");
}
$reader->query_safe('COMMIT');
$taker->query_safe(q(SELECT looks FROM pgstride_server.lock_tables('{a,b}', '{ACCESS EXCLUSIVE,ACCESS EXCLUSIVE}', '{f,f}', 20)));
$replayed->();
is($standby->safe_psql('postgres', $locked), '2', 'taken: both are replayed');
$taker->query_safe('COMMIT');
$replayed->();
is($standby->safe_psql('postgres', $locked), '0', 'and let go of');
$taker->quit;
$reader->quit;

done_testing();
