# A server that crashes in the midst of a sweep has each of its transactions whole or not
# at all: what the progress row says is what the rows say, and the next call goes on there.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('sweep_crash');
$node->init;
$node->append_conf('postgresql.conf', "autovacuum = off\n");
$node->start;
$node->safe_psql('postgres', q(
	CREATE EXTENSION pgstride;
	CREATE TABLE items (id int PRIMARY KEY, label text, changes int NOT NULL DEFAULT 0, pad text DEFAULT repeat('x', 60));
	INSERT INTO items SELECT i FROM generate_series(1, 20000) i;
	CREATE TABLE progress (position bigint NOT NULL, skipped text NOT NULL, rows bigint NOT NULL, batches int NOT NULL);
	INSERT INTO progress VALUES (0, '{}', 0, 0);
	CREATE TABLE pace (seconds float NOT NULL);
	INSERT INTO pace VALUES (0.0005);
	CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(seconds) FROM pace WHERE seconds > 0; NEW.changes := OLD.changes + 1; RETURN NEW; END';
	CREATE TRIGGER slowly BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION slowly()));
my $end = $node->safe_psql('postgres', q(SELECT pg_relation_size('items') / current_setting('block_size')::int));
my $file = $node->safe_psql('postgres', q(SELECT pg_relation_filenode('items')));

# From where the record says, whoever wrote it; batches lost with it are done again.
sub sweep_call
{
	my $position = $node->safe_psql('postgres', 'SELECT position FROM progress');
	return qq(CALL pgstride_server.sweep('items', $file, $position, $end,
		'UPDATE ONLY items SET label = ''item '' || id WHERE ctid = ANY (\$1) AND (label IS NULL) IS TRUE RETURNING label IS NULL',
		'SELECT true', 'UPDATE progress SET position = \$1, skipped = \$2, rows = rows + \$3, batches = batches + 1',
		ARRAY['synchronous_commit', 'off'], NULL, true, false, 20, 600000, 1000, 16, 4096););
}

# Twice: the second crash meets what the first left behind.
for my $time (1, 2)
{
	my $batches = $node->safe_psql('postgres', 'SELECT batches FROM progress');
	my $sweeper = $node->background_psql('postgres', on_error_stop => 0);
	$sweeper->query_until(qr/under way/, "\\echo under way\n" . sweep_call() . "\n");
	ok($node->poll_query_until('postgres', "SELECT batches > $batches + 5 FROM progress"), "crash $time: in the midst of the sweep");
	is($node->safe_psql('postgres', q(SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CALL%' AND state = 'active')),
		'1', "crash $time: the call has not returned");
	$node->stop('immediate');
	eval { $sweeper->quit };
	$node->start;
	is($node->safe_psql('postgres', 'SELECT rows - (SELECT sum(changes) FROM items) FROM progress'),
		'0', "crash $time: as many rows changed as were recorded");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM items WHERE label IS NULL AND ctid < format(\'(%s,0)\', (SELECT position FROM progress))::tid'),
		'0', "crash $time: below the position every row is done");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM items WHERE label IS NULL AND changes > 0 OR label IS NOT NULL AND changes <> 1'),
		'0', "crash $time: no row in part or twice");
	cmp_ok($node->safe_psql('postgres', 'SELECT count(*) FROM items WHERE label IS NULL'), '>', 0, "crash $time: rows are left");
}

$node->safe_psql('postgres', 'UPDATE pace SET seconds = 0');
$node->safe_psql('postgres', sweep_call());
is($node->safe_psql('postgres', "SELECT position = $end, skipped, rows FROM progress"), 't|{}|20000', 'then: to its end, each row counted once');
is($node->safe_psql('postgres', "SELECT count(*), min(changes), max(changes), count(*) FILTER (WHERE label = 'item ' || id) FROM items"),
	'20000|1|1|20000', 'then: every row done, and changed once');
is($node->safe_psql('postgres', q(SET enable_seqscan = off; SELECT count(*) FROM items WHERE id > 0)), '20000', 'then: the index finds them all');

# Who looks on, as auto_explain does, cuts the statement out of the text that he is given.
SKIP:
{
	my ($without) = $node->psql('postgres', q(LOAD 'auto_explain'));
	skip 'no auto_explain', 1 if $without;
	$node->safe_psql('postgres', 'UPDATE items SET label = NULL; UPDATE progress SET position = 0');
	$node->safe_psql('postgres', "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;\n" . sweep_call());
	like(slurp_file($node->logfile), qr/Query Text: UPDATE ONLY items SET label/, 'then: who looks on sees the change itself');
}

done_testing();
