# A CALL takes no more memory after many transactions and rows than after a few: SPI leaves
# its own memory behind as the current one, and that lasts as long as the CALL. Nor does a
# session after many of them: statements are kept for a CALL, and what one leaves open.
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

# table ROWS: a fresh one; its blocks and its file.
sub table
{
	my ($rows) = @_;
	$node->safe_psql('postgres', "TRUNCATE items, taken; INSERT INTO items SELECT i FROM generate_series(1, $rows) i");
	return ($node->safe_psql('postgres', q(SELECT pg_relation_size('items') / current_setting('block_size')::int)),
		$node->safe_psql('postgres', q(SELECT pg_relation_filenode('items'))));
}

# call FILE END GUARD BATCH_MS SLICE_MS: the text of one.
sub call
{
	my ($file, $end, $guard, $batch_ms, $slice_ms) = @_;
	return qq(CALL pgstride_server.sweep('items', $file, 0, $end,
		'UPDATE ONLY items SET label = id WHERE ctid = ANY (\$1) AND label IS NULL RETURNING label IS NULL',
		'$guard', 'UPDATE progress SET position = \$1', ARRAY['synchronous_commit', 'off', 'lock_timeout', '20ms'],
		NULL, false, false, $batch_ms, $slice_ms, 1000, 16, 4096););
}

# Batches, and by how many kB it grew from the tenth part on.
sub grown
{
	return split /\|/, $node->safe_psql('postgres', q(
		SELECT count(*), max(kilobytes) - (SELECT max(kilobytes) FROM taken, (SELECT min(batch) AS first, max(batch) AS last FROM taken) b
		                                    WHERE batch <= first + (last - first) / 10) FROM taken));
}

# sweep ROWS BATCH_MS: in one CALL.
sub sweep
{
	my ($rows, $batch_ms) = @_;
	my ($end, $file) = table($rows);
	$node->safe_psql('postgres', call($file, $end, 'SELECT take_note()', $batch_ms, 600000));
	is($node->safe_psql('postgres', 'SELECT count(*) FROM items WHERE label IS NULL'), '0', "$rows rows, $batch_ms ms: every row is done");
	return grown();
}

my ($batches, $grown) = sweep(100000, 0.001);
cmp_ok($batches, '>', 400, 'many transactions');
cmp_ok($grown, '<', 800, 'many transactions: no more memory than for a few');
($batches, $grown) = sweep(600000, 100);
cmp_ok($batches, '>', 10, 'many rows');
cmp_ok($grown, '<', 4000, 'many rows: no more memory than for a few');

# Each of another run than the one before, which has left something open.
my ($end, $file) = table(100000);
$node->safe_psql('postgres', join("\n", map { call($file, $end, "SELECT take_note() AND $_ = $_", 0.001, 1) } 1 .. 400));
($batches, $grown) = grown();
cmp_ok($batches, '>=', 400, 'many calls');
cmp_ok($grown, '<', 800, 'many calls: no more memory than for a few');

done_testing();
