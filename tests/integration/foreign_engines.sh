#!/bin/bash
# once: no PostgreSQL is met
# foreign_engines.sh: the histories of other runners in SQLite's files and on MySQL and
# MariaDB: folders of theirs go up and down, their tables are as they make them, and the
# rows are theirs, whichever of the two wrote them.
. "$(dirname "$0")/../lib.sh"
start_mysql
. "$root/tests/engines.sh"

# --- each goes up, is as its runner has it, and is found again --------------------------

# goes_up RUNNER TABLE: from nothing, and again.
goes_up() {
	what="$engine, $1"
	fresh "of_${1//-/_}"
	exits 0 "$what: plan" in_folder "$1" plan
	exits 0 "$what: status of an empty database" in_folder "$1" status
	is "$(tables)" '' "$what: makes nothing"
	exits 0 "$what: up" in_folder "$1" up
	is "$(described "$2")" "$(table_of "$1" "$engine")" "$what: its table, as it makes it"
	exits 0 "$what: nothing is pending" in_folder "$1" status --exit-code
	exits 0 "$what: up again" in_folder "$1" up
	like "$out" 'already up to date' "$what: has nothing to do"
	exits 0 "$what: it validates" in_folder "$1" validate
}
# adopted RUNNER: with only its table left, all that it has applied is taken over.
adopted() {
	without_ours
	exits 0 "$what: status goes by its table" in_folder "$1" status --exit-code
	unlike "$(tables)" pgstride_ "$what: and makes nothing"
	exits 0 "$what: adopt" in_folder "$1" adopt --yes
	like "$out" 'Recorded [0-9]+ migrations, running nothing' "$what: takes over what it has applied"
	is "$(rows "SELECT DISTINCT how FROM pgstride_migrations")" adopt "$what: and the history says so"
	exits 0 "$what: up has nothing to do" in_folder "$1" up
}

# table_of RUNNER ENGINE: the statements by which the runner makes it there, as the
# database shows them.
table_of() {
	case $1/$2 in
	popx/sqlite) echo 'CREATE TABLE schema_migration (version VARCHAR (48) NOT NULL, version_self INT NOT NULL DEFAULT 0) CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version) CREATE INDEX schema_migration_version_self_idx ON schema_migration (version_self)' ;;
	popx/mysql) echo 'CREATE TABLE `schema_migration` (`version` varchar(48) NOT NULL, `version_self` int NOT NULL DEFAULT 0, UNIQUE KEY `schema_migration_version_idx` (`version`), KEY `schema_migration_version_self_idx` (`version_self`))' ;;
	pair/sqlite) echo 'CREATE TABLE schema_migrations (version uint64,dirty bool) CREATE UNIQUE INDEX version_unique ON schema_migrations (version)' ;;
	pair/mysql) echo 'CREATE TABLE `schema_migrations` (`version` bigint NOT NULL, `dirty` tinyint(1) NOT NULL, PRIMARY KEY (`version`))' ;;
	dbmate/sqlite) echo 'CREATE TABLE "schema_migrations" (version varchar(128) primary key)' ;;
	dbmate/mysql) echo 'CREATE TABLE `schema_migrations` (`version` varchar(128) NOT NULL, PRIMARY KEY (`version`))' ;;
	goose/sqlite) echo "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')))" ;;
	goose/mysql) echo 'CREATE TABLE `goose_db_version` (`id` bigint unsigned NOT NULL AUTO_INCREMENT, `version_id` bigint NOT NULL, `is_applied` tinyint(1) NOT NULL, `tstamp` timestamp NULL DEFAULT current_timestamp(), PRIMARY KEY (`id`))' ;;
	flyway/sqlite) echo "CREATE TABLE \"flyway_schema_history\" (\"installed_rank\" INT NOT NULL PRIMARY KEY, \"version\" VARCHAR(50), \"description\" VARCHAR(200) NOT NULL, \"type\" VARCHAR(20) NOT NULL, \"script\" VARCHAR(1000) NOT NULL, \"checksum\" INT, \"installed_by\" VARCHAR(100) NOT NULL, \"installed_on\" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')), \"execution_time\" INT NOT NULL, \"success\" BOOLEAN NOT NULL) CREATE INDEX \"flyway_schema_history_s_idx\" ON \"flyway_schema_history\" (\"success\")" ;;
	flyway/mysql) echo 'CREATE TABLE `flyway_schema_history` (`installed_rank` int NOT NULL, `version` varchar(50) DEFAULT NULL, `description` varchar(200) NOT NULL, `type` varchar(20) NOT NULL, `script` varchar(1000) NOT NULL, `checksum` int DEFAULT NULL, `installed_by` varchar(100) NOT NULL, `installed_on` timestamp NOT NULL DEFAULT current_timestamp(), `execution_time` int NOT NULL, `success` tinyint(1) NOT NULL, PRIMARY KEY (`installed_rank`), KEY `flyway_schema_history_s_idx` (`success`))' ;;
	drizzle/sqlite) echo 'CREATE TABLE "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)' ;;
	drizzle/mysql) echo 'CREATE TABLE `__drizzle_migrations` (`id` bigint unsigned NOT NULL AUTO_INCREMENT, `hash` text NOT NULL, `created_at` bigint DEFAULT NULL, PRIMARY KEY (`id`))' ;;
	atlas/sqlite) echo 'CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL, `description` text NOT NULL, `type` integer NOT NULL DEFAULT (2), `applied` integer NOT NULL DEFAULT (0), `total` integer NOT NULL DEFAULT (0), `executed_at` datetime NOT NULL, `execution_time` integer NOT NULL, `error` text NULL, `error_stmt` text NULL, `hash` text NOT NULL, `partial_hashes` json NULL, `operator_version` text NOT NULL, PRIMARY KEY (`version`))' ;;
	drizzle-folders/sqlite) echo 'CREATE TABLE "__drizzle_migrations" (id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric, name text, applied_at TEXT)' ;;
	drizzle-folders/mysql) echo 'CREATE TABLE `__drizzle_migrations` (`id` bigint unsigned NOT NULL AUTO_INCREMENT, `hash` text NOT NULL, `created_at` bigint DEFAULT NULL, `name` text DEFAULT NULL, `applied_at` timestamp NULL DEFAULT current_timestamp(), PRIMARY KEY (`id`))' ;;
	esac
}

# --- popx ------------------------------------------------------------------------------

popx_rows() { rows 'SELECT version, version_self FROM schema_migration ORDER BY version DESC'; }
popx_goes() {
	local elsewhere=''
	[ "$engine" = sqlite ] || elsewhere=' 20210104000000000000|0'
	goes_up popx schema_migration
	is "$(popx_rows)" "20211699000000000000|0$elsewhere 20210103000000000000|0 20210102000000000000|0 20210101000000000001|0 20210101000000|0" "$what: a row for each version"
	is "$(rows 'SELECT note FROM popx_orders WHERE paid')" "it's; \\d" "$what: the file for the engine ran, not the generic one"
	exits 0 "$what: down" in_folder popx down --yes
	is "$(rows 'SELECT count(*) FROM schema_migration')" $((4 + ${#elsewhere} / 23)) "$what: takes its row away"
	ask "UPDATE schema_migration SET version = '20210102000000' WHERE version = '20210102000000000000'"
	without_ours
	exits 0 "$what: with rows of another time" in_folder popx status --format json
	is "$(jq -c '[.result.pending, (.result.migrations[0] | .state, .how)]' <<<"$out")" '[1,"contracted","adopt"]' "$what: status goes by its table"
	exits 0 "$what: up adopts it" in_folder popx up
	like "$err" 'adopted from popx' "$what: and says so"
	is "$(rows "SELECT version FROM schema_migration WHERE version LIKE '20210102%' ORDER BY 1")" '20210102000000 20210102000000000000' "$what: a version of 14 digits counts, and the whole one is put beside it"
	ask "DELETE FROM schema_migration WHERE version = '20211699000000000000'"
	exits 4 "$what: what it took back" in_folder popx up
	like "$err" 'popx does not have it in schema_migration any more' "$what: is asked about"
	exits 0 "$what: and said" in_folder popx mark 20211699000000000000 --yes
	is "$(rows "SELECT count(*) FROM schema_migration WHERE version = '20211699000000000000'")" 1 "$what: mark writes its row"
	exits 0 "$what: all the way down" in_folder popx down --yes --steps 9
	is "$(rows 'SELECT count(*) FROM schema_migration')" 0 "$what: no row is left by which anything counts as applied"
}

# renewed_popx: its first releases had one column, which it replaces when it meets it.
renewed_popx() {
	fresh of_popx_old
	exits 0 "$what: up" in_folder popx up
	without_ours
	ask "DROP TABLE schema_migration; CREATE TABLE schema_migration (version VARCHAR(14) NOT NULL PRIMARY KEY); CREATE UNIQUE INDEX schema_migration_version_idx ON schema_migration (version);
		INSERT INTO schema_migration VALUES ('20210101000000'), ('20210102000000')"
	exits 0 "$what: an old table is read" in_folder popx status --format json
	is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["20210101000000","20210101000000000001","20210102000000000000"]' "$what: by its 14 digits"
	unlike "$(tables)" 'pop_legacy|pgstride_' "$what: and left as it is"
	exits 0 "$what: adopted" in_folder popx adopt --yes
	unlike "$(tables)" pop_legacy "$what: it is left as it is"
	exits 0 "$what: and renewed by who writes" in_folder popx mark 20210103000000000000 --yes
	like "$err" '"schema_migration" is as an older release made it: renewed, as popx does' "$what: who says so"
	is "$(rows 'SELECT version FROM schema_migration_pop_legacy ORDER BY 1')" '20210101000000 20210102000000' "$what: the old one is kept, as popx keeps it"
	is "$(rows 'SELECT version, version_self FROM schema_migration ORDER BY 1')" '20210101000000|0 20210102000000|0 20210103000000000000|0' "$what: the new one has its rows, and what is written beside them"
	exits 0 "$what: again" in_folder popx mark 20210103000000000000 --yes
	unlike "$err" older "$what: has nothing to renew"
}
# renewed_drizzle: 1.0 knows a migration by its name, 0.x by its hash and its time.
renewed_drizzle() {
	what="$engine, drizzle-folders"
	fresh of_drizzle_old
	exits 0 "$what: up" in_folder drizzle-folders up
	without_ours
	ask "DROP TABLE __drizzle_migrations; CREATE TABLE __drizzle_migrations (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint)"
	ask "INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('another', 1767225600123), ('$(sha256sum <"$fixtures/$engine/drizzle-folders/20260102000000_paid/migration.sql" | cut -d' ' -f 1)', 5)"
	exits 0 "$what: a table of 0.x is read" in_folder drizzle-folders status --exit-code
	exits 0 "$what: and renewed by who writes" in_folder drizzle-folders adopt --yes
	like "$err" 'is as an older release made it: renewed, as drizzle 1.0 does' "$what: who says so"
	is "$(rows 'SELECT name FROM __drizzle_migrations ORDER BY created_at DESC')" '20260101000000_orders 20260102000000_paid' "$what: its rows have names, by the second and by the hash"
	is "$(rows 'SELECT count(*) FROM __drizzle_migrations WHERE applied_at IS NULL')" 2 "$what: and no time, as drizzle has it"
	ask 'UPDATE __drizzle_migrations SET name = NULL'
	exits 0 "$what: interrupted in between" in_folder drizzle-folders adopt --yes
	is "$(rows 'SELECT count(*) FROM __drizzle_migrations WHERE name IS NOT NULL')" 2 "$what: it is finished"
}

# --- Atlas -------------------------------------------------------------------------------

revisions() { rows "SELECT version, description, type, applied, total, hash, coalesce(partial_hashes, ''), error FROM atlas_schema_revisions ORDER BY version"; }
atlas_goes() {
	what="$engine, atlas"
	fresh of_atlas
	exits 0 "$what: up" in_folder atlas up
	[ "$engine" = mysql ] || is "$(described atlas_schema_revisions)" "$(table_of atlas "$engine")" "$what: its table, as it makes it"
	is "$(revisions)" "$(awk 'NR > 1 { split($1, part, /[_.]/); sub(/^h1:/, "", $2); print part[1] "|" part[2] "|2|" (NR > 2 ? "2|2" : "1|1") "|" $2 "||" }' "$fixtures/$engine/atlas/atlas.sum" | tr '\n' ' ' | sed 's/ $//')" "$what: its rows, with the sums of atlas.sum"
	adopted atlas
	ask "UPDATE atlas_schema_revisions SET applied = 1, error = 'no' WHERE version = '20260103000000'"
	exits 3 "$what: a file that Atlas left midway, no one knows where" in_folder atlas up
	exits 0 "$what: a force" in_folder atlas force 20260103000000 --yes
	is "$(rows "SELECT applied, total, coalesce(error, '-') FROM atlas_schema_revisions WHERE version = '20260103000000'")" '2|2|-' "$what: makes it good"
	ask "DELETE FROM atlas_schema_revisions WHERE version <> '20260102000000'; UPDATE atlas_schema_revisions SET type = 1, applied = 0, total = 0"
	without_ours
	exits 0 "$what: a baseline" in_folder atlas status --format json
	is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["20260101000000","20260102000000"]' "$what: stands for all up to it"
	[ "$engine" = mysql ] || return
	mkdir -p "$tmp/revisions" && printf 'CREATE TABLE r (n int);\nINSERT INTO r VALUES (1);\nINSERT INTO nowhere VALUES (1);\n' >"$tmp/revisions/1_midway.sql"
	sealed "$tmp/revisions"
	fresh revisions
	exits 1 "$what: stopped midway" pgstride up --dir "$tmp/revisions" --layout atlas
	is "$(rows 'SELECT applied, total, JSON_LENGTH(partial_hashes) FROM atlas_schema_revisions')" '2|3|2' "$what: its row says how far it came"
	sed -i 's/nowhere/r/' "$tmp/revisions/1_midway.sql"
	sealed "$tmp/revisions"
	exits 0 "$what: and we go on" pgstride up --dir "$tmp/revisions" --layout atlas
	ask "UPDATE atlas_schema_revisions SET applied = 2, error = 'no', partial_hashes = '[\"h1:$(printf 'CREATE TABLE r (n int);' | openssl dgst -sha256 -binary | base64 -w0)\",\"h1:$(printf 'CREATE TABLE r (n int);INSERT INTO r VALUES (1);' | openssl dgst -sha256 -binary | base64 -w0)\"]'; DELETE FROM r LIMIT 1"
	without_ours
	exits 0 "$what: and behind Atlas, without a history of ours" pgstride up --dir "$tmp/revisions" --layout atlas
	is "$(rows "SELECT applied, total, coalesce(partial_hashes, '-') FROM atlas_schema_revisions; SELECT count(*) FROM r")" '3|3|- 2' "$what: to the end"
}

# --- golang-migrate --------------------------------------------------------------------

# pair_comes_back: a way back that commits by itself, and stops at its second statement.
pair_comes_back() {
	mkdir -p "$tmp/back" && echo 'CREATE TABLE first (n int);' >"$tmp/back/1_a.up.sql"
	echo 'DROP TABLE first;' >"$tmp/back/1_a.down.sql"
	echo 'CREATE TABLE one (n int); CREATE TABLE two (n int);' >"$tmp/back/2_b.up.sql"
	printf 'DROP TABLE two;\nDROP TABLE one;\n' >"$tmp/back/2_b.down.sql"
	fresh back
	exits 0 "$what: up" pgstride up --dir "$tmp/back"
	ask 'DROP TABLE one; CREATE TABLE parent (id int PRIMARY KEY); RENAME TABLE parent TO one; CREATE TABLE child (id int, FOREIGN KEY (id) REFERENCES one (id))'
	exits 1 "$what: the way back stops midway" pgstride down --dir "$tmp/back" --yes
	is "$(pair_row)" '1|1' "$what: its row is dirty, at the version before, as golang-migrate would have it"
	ask 'DROP TABLE child'
	exits 0 "$what: we know how far it came" pgstride down --dir "$tmp/back" --yes
	is "$(pair_row)" '1|0' "$what: and it is clean"
	ask 'CREATE TABLE child (id int); DROP TABLE first; CREATE TABLE first (id int PRIMARY KEY); ALTER TABLE child ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES first (id)'
	exits 1 "$what: the way back stops at its first statement" pgstride down --dir "$tmp/back" --yes
	is "$(pair_row)" '1|0' "$what: nothing is dirty, for nothing was done"
	ask 'DROP TABLE child'
	exits 0 "$what: and goes on" pgstride down --dir "$tmp/back" --yes
	is "$(pair_row)" '' "$what: to no version"
}
pair_row() { rows 'SELECT version, dirty FROM schema_migrations'; }
pair_goes() {
	goes_up pair schema_migrations
	is "$(pair_row)" '11|0' "$what: one row, the last version"
	is "$(rows 'SELECT currency FROM pair_orders WHERE id = 3')" 'EUR;' "$what: a body with semicolons was one statement"
	adopted pair
	exits 0 "$what: down" in_folder pair down --yes --steps 2
	is "$(pair_row)" '2|0' "$what: the version before it"
	exits 0 "$what: down to nothing" in_folder pair down --yes --steps 2
	is "$(pair_row)" '' "$what: no row"
	ask 'INSERT INTO schema_migrations VALUES (2, 1)'
	without_ours
	exits 0 "$what: dirty by its own tool" in_folder pair status
	like "$out" 'Database Status: DIRTY' "$what: status says so"
	exits 3 "$what: up refuses" in_folder pair up
	like "$err" '^Error: Database is in dirty state at version 2$' "$what: in the known words"
	exits 3 "$what: down refuses" in_folder pair down --yes
	exits 0 "$what: force" in_folder pair force 1 --yes
	is "$(pair_row)" '1|0' "$what: clears it"
	[ "$engine" = sqlite ] || pair_comes_back
	mkdir -p "$tmp/midway"
	rm -f "$tmp/midway"/*
	echo 'CREATE TABLE midway (n int);' >"$tmp/midway/1_a.up.sql"
	printf 'ALTER TABLE midway ADD COLUMN m int;\nINSERT INTO nowhere VALUES (1);\n' >"$tmp/midway/02_b.up.sql"
	fresh midway
	keep pgstride up --dir "$tmp/midway"
	# The whole file is tried beforehand where that is possible, and rolled back.
	is "$status|$(pair_row)" "$([ "$engine" = sqlite ] && echo '4|' || echo '1|2|1')" "$what: stopped midway, its row is as golang-migrate would have it"
	echo 'ALTER TABLE midway ADD COLUMN m int; CREATE TABLE mended (n int);' >"$tmp/midway/02_b.up.sql"
	exits 0 "$what: we know how far it came, and go on" pgstride up --dir "$tmp/midway"
	is "$(pair_row)" '2|0' "$what: and it is clean"
}

# --- dbmate, goose ---------------------------------------------------------------------

dbmate_goes() {
	goes_up dbmate schema_migrations
	is "$(rows 'SELECT version FROM schema_migrations ORDER BY 1')" '20260101000000 20260102000000 20260103000000' "$what: its rows"
	exits 4 "$what: a folder of another runner" in_folder pair status
	like "$err" '"schema_migrations" is not the one that golang-migrate makes' "$what: is not taken for its own"
	exits 0 "$what: all the way down" in_folder dbmate down --yes --steps 9
	is "$(rows 'SELECT count(*) FROM schema_migrations')" 0 "$what: no row is left"
	exits 0 "$what: and up again" in_folder dbmate up
	adopted dbmate
}
goose_goes() {
	local goose_rows='SELECT version_id, is_applied FROM goose_db_version ORDER BY id'
	goes_up goose goose_db_version
	is "$(rows "$goose_rows")" '0|1 1|1 2|1 10|1' "$what: its rows"
	is "$(rows 'SELECT count(*) FROM goose_db_version WHERE tstamp IS NULL')" 0 "$what: with their time"
	adopted goose
	exits 0 "$what: down" in_folder goose down --yes
	is "$(rows "$goose_rows")" '0|1 1|1 2|1' "$what: the row is gone"
	ask 'INSERT INTO goose_db_version (version_id, is_applied) VALUES (2, 0)'
	without_ours
	exits 0 "$what: an old row that says it was taken back" in_folder goose status --format json
	is "$(jq .result.pending <<<"$out")" 2 "$what: the newest row of a version counts"
}

# --- Flyway ----------------------------------------------------------------------------

flyway_rows() { rows "SELECT installed_rank, version, description, type, script, success FROM flyway_schema_history ORDER BY 1"; }
flyway_goes() {
	local sum
	goes_up flyway flyway_schema_history
	is "$(flyway_rows)" '1|1.1|initial|SQL|V1_1__initial.sql|1 2|1.2|add state|SQL|V1_2__add_state.sql|1 3|1.10|index|SQL|V1_10__index.sql|1 4|1.11|placeholder|SQL|V1.11__placeholder.sql|1 5||all orders|SQL|views/R__all_orders.sql|1' "$what: its rows"
	# As java.util.zip.CRC32 sums the lines of the file.
	case $engine in sqlite) sum=-329105886 ;; mysql) sum=1793327578 ;; esac
	is "$(rows "SELECT checksum FROM flyway_schema_history WHERE version = '1.2'")" "$sum" "$what: the checksum of the lines"
	is "$(rows 'SELECT DISTINCT installed_by FROM flyway_schema_history')" "$([ "$engine" = sqlite ] || echo root)" "$what: who it was"
	is "$(rows 'SELECT count(*) FROM flyway_schema_history WHERE execution_time < 0 OR execution_time > 600000 OR checksum IS NULL')" 0 "$what: time and sum are there"
	adopted flyway
	without_ours
	ask "UPDATE flyway_schema_history SET checksum = 7 WHERE version = '1.2'"
	exits 4 "$what: a checksum that is another" in_folder flyway up
	like "$err" 'Migration checksum mismatch for migration version 1.2' "$what: is told in the known words"
	ask "UPDATE flyway_schema_history SET checksum = $sum, success = 0 WHERE version = '1.2'"
	without_ours
	exits 3 "$what: a failed row" in_folder flyway up
	like "$err" 'Database is in dirty state at version 1.2' "$what: is not passed over"
	exits 0 "$what: mark" in_folder flyway mark 1.2 --yes
	is "$(rows "SELECT success FROM flyway_schema_history WHERE version = '1.2'")" 1 "$what: makes it good"
	ask "DELETE FROM flyway_schema_history WHERE version <> '1.11' OR version IS NULL"
	ask "UPDATE flyway_schema_history SET version = '1.10', type = 'BASELINE', checksum = NULL"
	without_ours
	exits 0 "$what: a baseline" in_folder flyway status --format json
	is "$(jq -c '[.result.migrations[] | select(.state == "contracted").version]' <<<"$out")" '["1.1","1.2","1.10"]' "$what: stands for all up to it"
	mkdir -p "$tmp/again"
	rm -rf "$tmp/again"/*
	echo 'CREATE TABLE t (n int);' >"$tmp/again/V1__t.sql"
	printf 'DROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT n FROM t;\n' >"$tmp/again/R__v.sql"
	fresh again
	exits 0 "$what: a repeatable one" pgstride up --dir "$tmp/again"
	sed -i 's/SELECT n/SELECT n, n AS m/' "$tmp/again/R__v.sql"
	exits 0 "$what: that has changed runs again" pgstride up --dir "$tmp/again"
	is "$(flyway_rows)" '1|1|t|SQL|V1__t.sql|1 2||v|SQL|R__v.sql|1 3||v|SQL|R__v.sql|1' "$what: and has a row for each time"
	printf 'CREATE TABLE u (n int);\nINSERT INTO nowhere VALUES (1);\n' >"$tmp/again/V2__u.sql"
	keep pgstride up --dir "$tmp/again"
	is "$(rows "SELECT version, success FROM flyway_schema_history WHERE version = '2'")" "$([ "$engine" = sqlite ] || echo '2|0')" "$what: where a failure leaves something behind, its row says so"
	echo 'CREATE TABLE u (n int); CREATE TABLE w (n int);' >"$tmp/again/V2__u.sql"
	exits 0 "$what: it goes on" pgstride up --dir "$tmp/again"
	is "$(rows "SELECT version, success FROM flyway_schema_history WHERE version = '2'")" '2|1' "$what: and the row is good"
}

# --- drizzle ---------------------------------------------------------------------------

drizzle_goes() {
	local folder=$fixtures/$engine/drizzle
	goes_up drizzle __drizzle_migrations
	is "$(rows 'SELECT hash, created_at FROM __drizzle_migrations ORDER BY created_at')" \
		"$(sha256sum <"$folder/0000_loud_hulk.sql" | cut -d' ' -f1)|1767225600000 $(sha256sum <"$folder/0001_calm_ant.sql" | cut -d' ' -f1)|1767312000000" "$what: its rows"
	adopted drizzle
	goes_up drizzle-folders __drizzle_migrations
	is "$(rows 'SELECT name, created_at, applied_at IS NOT NULL FROM __drizzle_migrations ORDER BY id')" \
		'20260101000000_orders|1767225600000|1 20260102000000_paid|1767312000000|1' "$what: its rows"
	exits 0 "$what: all the way down" in_folder drizzle-folders down --yes --steps 9
	is "$(rows 'SELECT count(*) FROM __drizzle_migrations')" 0 "$what: no row is left"
	exits 0 "$what: and up again" in_folder drizzle-folders up
	adopted drizzle-folders
}

# --- by decree, and made later ----------------------------------------------------------

decrees() {
	what="$engine, by decree"
	fresh decrees
	exits 0 "$what: baseline" in_folder goose baseline 2 --yes
	is "$(rows 'SELECT version_id, is_applied FROM goose_db_version ORDER BY id')" '0|1 1|1 2|1' "$what: stands in its table"
	fresh later
	exits 0 "$what: a history of our own" in_folder goose up --history own
	unlike "$(tables)" goose_db_version "$what: leaves its table alone"
	exits 0 "$what: shared from now on" in_folder goose mark 10 --yes
	is "$(rows 'SELECT version_id FROM goose_db_version ORDER BY id')" '0 1 2 10' "$what: its table gets what was applied before"
}

# What Kratos does in Go between two of its files; on SQLite its files have done it.
program_goes() {
	what="$engine, a program of popx"
	fresh program
	exits 0 "$what: up to it" pgstride up --dir "$fixtures/popx-backfills" --to 20251104000000000000
	ask "INSERT INTO sessions VALUES (1, 1, 's1'), (2, 1, 's2')"
	ask "INSERT INTO session_devices (id, nid, session_id) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1)"
	ask "INSERT INTO identity_credentials VALUES (1, 1, 'i1'), (2, 1, 'i2')"
	ask "INSERT INTO identity_credential_identifiers (id, nid, identity_credential_id) VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1)"
	exits 0 "$what: is built in" pgstride up --dir "$fixtures/popx-backfills"
	[ "$engine" = sqlite ] ||
		is "$(rows 'SELECT coalesce(d.identity_id, 0), coalesce(i.identity_id, 0) FROM session_devices AS d JOIN identity_credential_identifiers AS i ON i.id = d.id ORDER BY d.id')" \
			's1|i1 s2|i2 0|0' "$what: fills every row that has a parent"
	is "$(rows "SELECT version FROM schema_migration WHERE version LIKE '20251105%' ORDER BY 1")" \
		'20251105000000000001 20251105000000000002 20251105000000000003' "$what: stands in its table"
	exits 0 "$what: all the way down" pgstride down --dir "$fixtures/popx-backfills" --yes --steps 9
	is "$(rows 'SELECT count(*) FROM schema_migration')" 0 "$what: leaves nothing"
}

for engine in sqlite mysql; do
	popx_goes
	renewed_popx
	renewed_drizzle
	atlas_goes
	program_goes
	pair_goes
	dbmate_goes
	goose_goes
	flyway_goes
	drizzle_goes
	decrees
done

# --- what only a server has: tables that commit by themselves -------------------------------

engine=mysql
# The two programs of Kratos that are no files run as batches that know when they are done.
what='kratos'
mkdir "$tmp/kratos"
cat >"$tmp/kratos/20251104000000000000_tables.mysql.up.sql" <<'SQL'
CREATE TABLE identity_credentials (id char(36) PRIMARY KEY, nid char(36), identity_id char(36) NOT NULL);
CREATE TABLE identity_credential_identifiers (id char(36) PRIMARY KEY, nid char(36), identity_credential_id char(36), identity_id char(36));
CREATE TABLE sessions (id char(36) PRIMARY KEY, nid char(36), identity_id char(36) NOT NULL);
CREATE TABLE session_devices (id char(36) PRIMARY KEY, nid char(36), session_id char(36), identity_id char(36));
INSERT INTO identity_credentials VALUES ('c1', 'n', 'i1'), ('c2', 'n', 'i2');
INSERT INTO identity_credential_identifiers VALUES ('a', 'n', 'c1', NULL), ('b', 'n', 'c2', NULL), ('lost', 'n', 'c9', NULL);
INSERT INTO sessions VALUES ('s1', 'n', 'i3');
INSERT INTO session_devices VALUES ('d', 'n', 's1', NULL);
SQL
touch "$tmp/kratos/20251104000000000000_tables.mysql.down.sql" "$tmp/kratos/20251105000000000003_identity_id_not_null_fks.mysql."{up,down}.sql
fresh kratos
exits 0 "$what: up" pgstride up --dir "$tmp/kratos"
is "$(rows 'SELECT id, identity_id FROM identity_credential_identifiers ORDER BY id')" 'a|i1 b|i2 lost|' "$what: identifiers have their identity"
is "$(rows 'SELECT identity_id FROM session_devices')" i3 "$what: devices have theirs"
is "$(rows 'SELECT count(*) FROM schema_migration')" 4 "$what: and both stand in its table"

what='a table half made'
fresh half
mysql_say 'CREATE TABLE pgstride_goose_db_version (id int)' half
exits 0 "$what: is made again" in_folder goose up
is "$(rows 'SELECT version_id FROM goose_db_version ORDER BY id')" '0 1 2 10' "$what: and whole"
unlike "$(tables)" pgstride_goose_db_version "$what: nothing of it is left"

# --- sqitch, whose registry is only read --------------------------------------------------

# In a database of its own, or in a file beside the one that it is about.
registry_say() { if [ "$engine" = sqlite ]; then sqlite3 -batch "$files/sqitch.db" "$1"; else mysql_say "$1" sqitch; fi; }
# deployed_there: the versions that we take for deployed.
deployed_there() {
	pgstride status --dir "$fixtures/sqitch" --format json |
		jq -r '[.result.migrations[] | select(.state == "contracted") | .version] | join(" ")'
}
mysql_say 'CREATE DATABASE sqitch'
for engine in sqlite mysql; do
	what="$engine, sqitch"
	fresh of_sqitch
	ask 'CREATE TABLE changes (n int)'
	is "$(deployed_there)" '' "$what: a table of that name is no registry"
	registry_say "CREATE TABLE changes (change_id VARCHAR(40) PRIMARY KEY, script_hash VARCHAR(40), \`change\` VARCHAR(255) NOT NULL, project VARCHAR(255) NOT NULL, committed_at DATETIME NOT NULL);
		INSERT INTO changes VALUES ('3897c8dd19aea46080695bdf699ee118e5b5eb34', 'x', 'orders', 'shop', '2026-01-01 00:00:00')"
	is "$(deployed_there)" orders "$what: the registry is read"
	ask 'CREATE TABLE sqitch_orders (id int PRIMARY KEY)'
	exits 0 "$what: up" pgstride up --dir "$fixtures/sqitch"
	is "$(deployed_there)" 'orders note@v1.0 note' "$what: goes on behind it"
	is "$(registry_say 'SELECT count(*) FROM changes')" 1 "$what: and leaves it alone"
done
engine=sqlite
echo 'junk, and not a database at all' >"$files/sqitch.db"
exits 6 "a registry that is no database" pgstride status --dir "$fixtures/sqitch" --database "sqlite:$files/of_sqitch.db"
like "$err" 'sqitch\.db' 'is named'
rm "$files/sqitch.db"

# --- a large folder ---------------------------------------------------------------------

engine=sqlite
fresh large
mkdir "$tmp/large"
for n in {1..1000}; do
	echo "CREATE TABLE t$n (n int); -- a comment; with a semicolon" >"$tmp/large/${n}_t.up.sql"
done
exits 0 'a thousand files' pgstride up --dir "$tmp/large" -q
exits 0 'are all applied' pgstride status --dir "$tmp/large" --exit-code
is "$(rows "SELECT count(*) FROM sqlite_schema WHERE name GLOB 't[0-9]*'") $(pair_row)" '1000 1000|0' 'and stand in its table'

finish
