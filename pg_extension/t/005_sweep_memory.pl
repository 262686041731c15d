# A CALL takes no more memory after many transactions and rows than after a few: SPI leaves
# its own memory behind as the current one, and that lasts as long as the CALL.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'no /proc/self/status' unless -r '/proc/self/status';

my $node = PostgreSQL::Test::Cluster->new('sweep_memory');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->start;
$node->safe_psql('postgres', q(
	CREATE EXTENSION pgstride;
	CREATE TABLE items (id int, label int);
	CREATE TABLE progress (position bigint);
	INSERT INTO progress VALUES (0);
	CREATE TABLE taken (batch serial, kilobytes int);
	CREATE FUNCTION take_note() RETURNS boolean LANGUAGE sql AS $$
		INSERT INTO taken (kilobytes)
		SELECT (regexp_match(pg_read_file('/proc/self/status', 0, 4000), 'VmData:\s+(\d+)'))[1]::int;
		SELECT true $$));

# sweep ROWS BATCH_MS: batches, and by how many kB it grew from the tenth part on.
sub sweep
{
	my ($rows, $batch_ms) = @_;
	$node->safe_psql('postgres', "TRUNCATE items, taken; INSERT INTO items SELECT i FROM generate_series(1, $rows) i");
	my $end = $node->safe_psql('postgres', q(SELECT pg_relation_size('items') / current_setting('block_size')::int));
	my $file = $node->safe_psql('postgres', q(SELECT pg_relation_filenode('items')));
	$node->safe_psql('postgres', qq(CALL pgstride_server.sweep('items', $file, 0, $end,
		'UPDATE ONLY items SET label = id WHERE ctid = ANY (\$1) AND label IS NULL RETURNING label IS NULL',
		'SELECT take_note()', 'UPDATE progress SET position = \$1', ARRAY['synchronous_commit', 'off', 'lock_timeout', '20ms'],
		NULL, false, false, $batch_ms, 600000, 1000, 16, 4096)));
	is($node->safe_psql('postgres', 'SELECT count(*) FROM items WHERE label IS NULL'), '0', "$rows rows, $batch_ms ms: every row is done");
	return split /\|/, $node->safe_psql('postgres', q(
		SELECT count(*), max(kilobytes) - (SELECT max(kilobytes) FROM taken, (SELECT min(batch) AS first, max(batch) AS last FROM taken) b
		                                    WHERE batch <= first + (last - first) / 10) FROM taken));
}

my ($batches, $grown) = sweep(100000, 0.001);
cmp_ok($batches, '>', 400, 'many transactions');
cmp_ok($grown, '<', 800, 'many transactions: no more memory than for a few');
($batches, $grown) = sweep(600000, 100);
cmp_ok($batches, '>', 10, 'many rows');
cmp_ok($grown, '<', 4000, 'many rows: no more memory than for a few');

done_testing();
