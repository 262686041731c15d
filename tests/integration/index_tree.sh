#!/bin/bash
# index_tree.sh: an index of a partitioned table is built part by part; every index that
# pgstride builds or rebuilds equals, in every attribute, what the plain statement makes.
. "$(dirname "$0")/../lib.sh"
start_postgres
mkdir -m 777 "$server/space"
[ "$(id -u)" != 0 ] || chown postgres "$server/space"
sql "CREATE TABLESPACE apart LOCATION '$server/space'"
new_database base
sql "CREATE SCHEMA old;
     CREATE TABLE t (id int PRIMARY KEY, email text, n int, tags int[]);
     INSERT INTO t SELECT g, 'e' || g, g, ARRAY[g] FROM generate_series(1, 2000) g;
     CREATE TABLE \"Events\" (id int, at date, payload text, mark int) PARTITION BY RANGE (at);
     CREATE TABLE old.\"Events 2024\" PARTITION OF \"Events\" FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') TABLESPACE apart;
     CREATE TABLE events_2025 PARTITION OF \"Events\" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY RANGE (at);
     CREATE TABLE events_2025_of_a_name_that_is_much_longer_than_others_are_h1 PARTITION OF events_2025 FOR VALUES FROM ('2025-01-01') TO ('2025-07-01');
     CREATE TABLE events_2025_h2 (payload text, gone int, mark int, at date, id int);
     ALTER TABLE events_2025_h2 DROP COLUMN gone;
     ALTER TABLE events_2025 ATTACH PARTITION events_2025_h2 FOR VALUES FROM ('2025-07-01') TO ('2026-01-01');
     INSERT INTO \"Events\" SELECT g, date '2024-01-01' + g % 700, 'p' || g, g FROM generate_series(1, 3000) g;
     CREATE INDEX made_before ON events_2025_h2 (mark);
     CREATE INDEX payload_taken ON t (n);
     ALTER INDEX payload_taken RENAME TO events_2025_h2_payload_idx"

# Every attribute of every index of the user's, by name.
indexes() {
	sql "SELECT c.oid::regclass, c.relkind, c.relpersistence, c.reloptions, c.relispartition, s.spcname, c.relowner::regrole,
	            pg_get_indexdef(c.oid), to_jsonb(i) - '{indexrelid,indrelid,indcheckxmin,indexprs,indpred}'::text[],
	            obj_description(c.oid), h.inhparent::regclass,
	            (SELECT array_agg(ROW(a.attname, a.attstattarget, a.attoptions, (SELECT collname FROM pg_collation l WHERE l.oid = a.attcollation)) ORDER BY a.attnum)
	               FROM pg_attribute a WHERE a.attrelid = c.oid)
	       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	       LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace LEFT JOIN pg_inherits h ON h.inhrelid = c.oid
	      WHERE c.relnamespace IN ('public'::regnamespace, 'old'::regnamespace)" | sort
}
# write_migration TEXT: a fresh history, and a folder with these statements alone.
write_migration() {
	sql "DROP SCHEMA IF EXISTS pgstride CASCADE"
	rm -rf "$tmp/migrations"
	mkdir "$tmp/migrations"
	printf -- '-- migrate:up\n%s\n' "$1" >"$tmp/migrations/20260101_index.sql"
}
up() { pgstride up --yes --dir "$tmp/migrations" "$@"; }
valid() { sql "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('$1')"; }

nulls=
! since 15 'an index with NULLS NOT DISTINCT' || nulls='NULLS NOT DISTINCT'
cat >"$tmp/plain.sql" <<-SQL
	CREATE UNIQUE INDEX t_a ON t (lower(email) text_pattern_ops DESC NULLS LAST, n) INCLUDE (id) $nulls WITH (fillfactor = 70) WHERE n > 0;
	CREATE INDEX t_b ON t USING gin (tags) WITH (fastupdate = off);
	CREATE INDEX t_c ON t (email COLLATE "C") TABLESPACE apart;
	CREATE INDEX t_d ON t USING hash (email);
	CREATE INDEX t_e ON t USING brin (id) WITH (pages_per_range = 4);
	CREATE INDEX "Part" ON "Events" ((payload || 'x'), lower(payload) text_pattern_ops, at DESC) INCLUDE (id) WITH (fillfactor = 80) WHERE id > 0;
	CREATE UNIQUE INDEX part_unique ON "Events" (id, at);
	CREATE INDEX part_apart ON "Events" (at) TABLESPACE apart;
	CREATE INDEX part_named ON "Events" (payload);
	CREATE INDEX part_found ON "Events" (mark);
SQL
new_database plain base
sql "$(cat "$tmp/plain.sql")"
indexes >"$tmp/want"
new_database ours base
write_migration "$(cat "$tmp/plain.sql")"
exits 0 'built: exit 0' up
holds 'built: each equals the plain one in every attribute, parts and names included' diff "$tmp/want" <(indexes)
is "$(sql "SELECT count(*) FROM pg_stats WHERE tablename ~ 'expr'")" "$(PGDATABASE=plain sql "ANALYZE; SELECT count(*) FROM pg_stats WHERE tablename ~ 'expr'")" 'built: expressions of every part have statistics'

# What an index may carry besides its definition outlives a rebuild.
sql "ALTER INDEX t_a ALTER COLUMN 1 SET STATISTICS 500; COMMENT ON INDEX t_a IS 'kept';
     CREATE UNIQUE INDEX t_f ON t (id); ALTER TABLE t CLUSTER ON t_c, REPLICA IDENTITY USING INDEX t_f"
indexes >"$tmp/want"
if since 12 'rebuilt'; then
	parts=
	! since 14 'rebuilt, part by part' || parts='REINDEX INDEX "Part";'
	write_migration "REINDEX TABLE t; $parts REINDEX SCHEMA old;"
	before=$(sql "SELECT 't_a'::regclass::oid")
	exits 0 'rebuilt: exit 0' up
	unlike "$(sql "SELECT 't_a'::regclass::oid")" "^$before\$" 'rebuilt: beside the old one'
	holds 'rebuilt: equal in every attribute' diff "$tmp/want" <(indexes)
fi

# What was dropped comes back with all it carried.
write_migration 'DROP INDEX t_a; DROP INDEX t_c; DROP INDEX t_f;'
exits 0 'dropped and undone: exit 0' up
exits 0 'dropped and undone: down' pgstride down --yes --dir "$tmp/migrations"
holds 'dropped and undone: equal in every attribute' diff "$tmp/want" <(indexes)

# A partition that comes while a part is built; a writer makes the build wait.
write_migration 'CREATE INDEX later ON "Events" (mark, id);'
psql_session writer
say writer 'BEGIN; LOCK TABLE events_2025_h2 IN ROW EXCLUSIVE MODE; SELECT 1;'
wait_until grep -qx 1 "$tmp/writer.out"
"$pgstride_binary" up --yes --dir "$tmp/migrations" >"$tmp/out" 2>&1 &
building=$!
wait_until waits || not_ok 'a partition comes: the build waits'
sql "CREATE TABLE events_2026 PARTITION OF \"Events\" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
say writer 'COMMIT;'
hang_up writer
wait "$building"
is "$?" 0 'a partition comes: exit 0'
is "$(valid later) $(valid events_2026_mark_id_idx)" 't t' 'a partition comes: it has its part, and the whole is valid'

# A partition that lacks its part goes, and nobody else would call the whole valid.
sql "CREATE INDEX alone ON ONLY \"Events\" (mark DESC); CREATE INDEX alone_2026 ON events_2026 (mark DESC);
     ALTER INDEX alone ATTACH PARTITION alone_2026; CREATE TABLE kept (LIKE \"Events\")"
write_migration 'CREATE INDEX alone ON "Events" (mark DESC);'
exits 0 'half done by hand: exit 0' up
is "$(valid alone) $(sql "SELECT count(*) FROM pg_inherits WHERE inhparent = 'alone'::regclass")" 't 3' 'half done by hand: gone on with'

# Rows that share a key are found in their partition; what is built stays, and goes on.
sql "INSERT INTO \"Events\" (id, at, mark) VALUES (-1, '2024-05-05', -1), (-2, '2024-05-05', -1)"
write_migration '-- pgstride stops at the question before the build
CREATE UNIQUE INDEX once ON "Events" (mark, at);'
exits 4 'duplicates: exit 4' up
is "$(valid once)" '' 'duplicates: nothing was begun'
sql 'DELETE FROM "Events" WHERE id < 0'
exits 0 'duplicates mended: exit 0' up
is "$(valid once)" t 'duplicates mended: valid'

# Given up for somebody's snapshot, and gone on with.
write_migration 'CREATE INDEX waited ON "Events" (at, mark);'
psql_session old
say old 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t;'
wait_until grep -qx 2000 "$tmp/old.out"
exits 5 'an old snapshot: exit 5' up --lock-patience 2s
like "$err" 'idle in transaction' 'an old snapshot: whoever holds it is named'
phase='\([0-9] of [0-9]\): waiting for old snapshots, 0 of 1 gone, for '
[ "$server_major" -ge 12 ] || phase='waiting for older transactions, for '
like "$err" "$phase" "an old snapshot: which part of the work waits, and in which phase"
is "$(sql "SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relkind = 'i'")" 0 'an old snapshot: no part is left invalid'
say old 'COMMIT;'
hang_up old
exits 0 'an old snapshot gone: exit 0' up
is "$(valid waited)" t 'an old snapshot gone: valid'

# ON ONLY is its author's own recipe; a foreign table can have no part.
write_migration 'CREATE INDEX own ON ONLY "Events" (mark, at, id);'
exits 0 'ON ONLY: exit 0' up
is "$(valid own)" f 'ON ONLY: its author attaches the parts'
exits 0 'ON ONLY, undone: exit 0' pgstride down --yes --dir "$tmp/migrations"
write_migration 'DROP INDEX "Part"; DROP INDEX CONCURRENTLY part_unique; DROP INDEX once;'
exits 0 'dropped: exit 0' up
is "$(sql "SELECT count(*) FROM pg_class WHERE relkind IN ('i', 'I') AND pg_get_indexdef(oid) ~ E'\'x\'|\\\\(id, at\\\\)'")" 0 'dropped: with every part'
sql "CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
     CREATE FOREIGN TABLE events_far PARTITION OF \"Events\" FOR VALUES FROM ('2027-01-01') TO ('2028-01-01') SERVER far"
write_migration 'CREATE INDEX far ON "Events" (id, mark);'
exits 4 'a foreign partition: exit 4' up
like "$err" 'foreign table' 'a foreign partition: it says so'
finish
