#!/bin/bash
# once: a configuration is read before a server is met
# flyway.sh: Flyway's own configuration files, and those of Kestra, which runs it: what
# they say of the database, the folder, the placeholders and the history is so for us.
. "$(dirname "$0")/../lib.sh"
cd "$tmp" || exit 1
start_postgres
jdbc="jdbc:postgresql:///shop?host=$server"
mkdir -p sql
cat >sql/V1_1__orders.sql <<'SQL'
CREATE TABLE orders (id int, region text DEFAULT '@region@');
COMMENT ON TABLE orders IS 'in @flyway:table@, ${not.ours}';
SQL
echo "ALTER TABLE orders ADD COLUMN note text DEFAULT '@long-name@@empty@';" >sql/V1_3__note.sql
(
	umask 077
	cat >flyway.conf <<-CONF
		# as Flyway reads it
		flyway.url=$jdbc
		flyway.user = postgres
		flyway.locations=filesystem:sql
		! a comment, too
		flyway.table=app_history
		flyway.defaultSchema=app
		flyway.placeholderPrefix=@
		flyway.placeholderSuffix=@
		flyway.placeholders.Region=eu-\\
		    west
		flyway.placeholders.long-name: it's long
		flyway.placeholders.empty=
		flyway.outOfOrder=true
		flyway.ignoreMigrationPatterns=*:missing,*:future
		flyway.cleanDisabled=true
	CONF
	cat >flyway.toml <<-TOML
		[environments.prod]   # one of several
		url = "$jdbc"
		user = 'postgres'
		schemas = [ "app",
		            "other" ]

		[environments.default]
		url = "jdbc:postgresql:///nowhere?host=$server"

		[flyway]
		environment = "prod"
		locations = ["filesystem:sql"]
		table = "app_history"
		defaultSchema = "app"
		placeholderPrefix = "@"
		placeholderSuffix = "@"
		outOfOrder = true
		ignoreMigrationPatterns = ["*:missing", "*:future"]

		[flyway.placeholders]
		region = "eu-west"
		long-name = "it's long"
		empty = ""
	TOML
)
unset PGSTRIDE_DATABASE
shop() { psql -XAtq -h "$server" -U postgres shop -c "$1"; }
fresh_shop() {
	(new_database shop) >/dev/null 2>&1
	shop 'CREATE SCHEMA app'
}
history() { shop "SELECT string_agg(version || ' ' || coalesce(checksum::text, '-'), ', ' ORDER BY installed_rank) FROM app.app_history"; }

# from FILE: all that it says.
from() {
	fresh_shop
	exits 0 "$1: status" pgstride status -c "$1"
	exits 0 "$1: up" pgstride up -c "$1"
	is "$(shop "SELECT column_default FROM information_schema.columns WHERE table_schema = 'app' AND column_name IN ('region', 'note') ORDER BY 1" | tr '\n' ' ')" \
		"'eu-west'::text 'it''s long'::text " "$1: placeholders between its own signs, in its schema"
	is "$(shop "SELECT obj_description('app.orders'::regclass)")" 'in app_history, ${not.ours}' "$1: other signs are none"
	is "$(shop "SELECT string_agg(indexrelid::regclass::text, ' ' ORDER BY 1) FROM pg_index WHERE indrelid = 'app.app_history'::regclass")" \
		'app.app_history_pk app.app_history_s_idx' "$1: its history is under the name it has there"
	is "$(shop "SELECT to_regclass('flyway_schema_history') IS NULL")" t "$1: and not under another"
	shop 'DROP SCHEMA pgstride CASCADE' 2>/dev/null
	exits 0 "$1: nothing is pending" pgstride status -c "$1" --exit-code
	echo 'CREATE TABLE late (n int);' >sql/V1_2__late.sql
	shop "INSERT INTO app.app_history SELECT 9, '1.0.1', 'gone', 'SQL', 'V1_0_1__gone.sql', 1, 'x', now(), 1, true"
	exits 0 "$1: what comes late runs, and what has no file is no quarrel" pgstride up -c "$1"
	like "$(history)" '^1\.1 -?[0-9]+, 1\.3 -?[0-9]+, 1\.0\.1 1, 1\.2 -?[0-9]+$' "$1: all in its order"
	rm sql/V1_2__late.sql
}
both_ways() {
	sed -i "s/it's long/it''s long/" flyway.conf flyway.toml
	from flyway.conf
	local rows
	rows=$(history)
	from flyway.toml
	is "$(history)" "$rows" 'both write the same'
	fresh_shop
	exits 0 'a variable beats the file' env FLYWAY_PLACEHOLDERS_REGION=us "$pgstride_binary" up -c flyway.conf
	is "$(shop "SELECT column_default FROM information_schema.columns WHERE column_name = 'region'")" "'us'::text" 'as it does for Flyway'
	fresh_shop
	exits 4 'a placeholder without a value' pgstride up -c "$(sed '/region =/d' flyway.toml >less.toml && echo less.toml)"
	like "$err" 'sql/V1_1__orders\.sql:1: No value provided for placeholder: @region@' 'is told in the known words'
	exits 4 'a table whose name has quotes in it' env FLYWAY_TABLE='My "History"' "$pgstride_binary" up -c flyway.toml
	like "$err" 'is called "My "History"": only a name without dots and quotes' 'is refused'
	exits 0 'a table whose name has to be quoted' env FLYWAY_TABLE='My History' "$pgstride_binary" up -c flyway.toml
	is "$(shop "SELECT count(*) FROM app.\"My History\"") $(shop "SELECT count(*) FROM pg_class WHERE relname IN ('My History_pk', 'My History_s_idx')")" '2 2' 'is made so, with its indexes'
}

mistakes() {
	local line want
	while IFS='|' read -r line want; do
		printf '%b' "$line" >wrong.toml
		exits 2 "wrong.toml: $want" pgstride status -c wrong.toml
		like "$err" "wrong\.toml:$want" 'is told with its line'
	done <<-'LINES'
		[flyway\n|1: this is no section
		a = 1\n[flyway]\ntable\n|3: this is no key with a value
		[flyway]\ntable = "x\n|2: a text is never closed
		[flyway]\nlocations = ["a" "b"]\n|2: a list is never closed
		[flyway]\nplaceholders = {a = "b"}\n|2: texts of several lines and tables in one are not read
		flyway = "x"\n[flyway.placeholders]\n|2: this is no section
	LINES
}

# --- several locations ------------------------------------------------------------------

# rows: what Flyway's own validate would compare.
rows() { shop "SELECT string_agg(concat_ws('|', version, description, script, checksum), ' ' ORDER BY installed_rank) FROM flyway_schema_history"; }
locations_of_flyway() {
	local wanted
	mkdir -p core parts/audit/sql/later parts/billing/sql conf
	echo 'CREATE TABLE core (id int);' >core/V1__core.sql
	echo 'CREATE TABLE audit (id int);' >parts/audit/sql/V2__audit.sql
	echo 'CREATE INDEX CONCURRENTLY audit_id ON audit (id);' >parts/audit/sql/later/V4__index.sql
	echo 'executeInTransaction=false' >parts/audit/sql/later/V4__index.sql.conf
	echo 'CREATE VIEW all_of_it AS SELECT FROM core, audit, billing;' >parts/billing/sql/R__views.sql
	echo 'CREATE TABLE billing (id int);' >parts/billing/sql/V3__billing.sql
	wanted="1|core|V1__core.sql|$(crc core/V1__core.sql) 2|audit|V2__audit.sql|$(crc parts/audit/sql/V2__audit.sql) 3|billing|V3__billing.sql|$(crc parts/billing/sql/V3__billing.sql) 4|index|later/V4__index.sql|$(crc parts/audit/sql/later/V4__index.sql) views|R__views.sql|$(crc parts/billing/sql/R__views.sql)"
	(
		umask 077
		printf 'flyway.url=%s\nflyway.user=postgres\nflyway.locations=filesystem:core, filesystem:parts/*/sql\n' "$jdbc" >conf/flyway.conf
		printf '[environments.default]\nurl = "%s"\nuser = "postgres"\n[flyway]\nlocations = ["filesystem:core", "filesystem:parts/audit/sql", "filesystem:parts/billing/sql"]\n' "$jdbc" >conf/flyway.toml
		printf 'datasources:\n  postgres: {url: "%s", username: postgres}\nflyway:\n  datasources:\n    postgres:\n      locations: [classpath:core, "filesystem:parts/**/sql"]\n' "$jdbc" >conf/kestra.yml
		printf 'pgstride:\n  components:\n    - {name: shop, dir: [../core, "../parts/*/sql"], database: "%s&user=postgres"}\n' "$jdbc" >conf/components.yml
	)
	for given in '-c conf/flyway.conf' '-c conf/flyway.toml' '-c conf/kestra.yml' '-c conf/components.yml' \
		"-d $jdbc&user=postgres --dir core,parts/*/sql"; do
		fresh_shop
		# shellcheck disable=SC2086 # words
		(set -f; exits 8 "${given:0:40}: all are pending" pgstride status $given --exit-code)
		# shellcheck disable=SC2086
		(set -f; exits 0 "${given:0:40}: all run" pgstride up $given)
		is "$(rows)" "$wanted" "${given:0:40}: in order, each under its name within its location"
	done
	exits 0 'a variable of Flyway names them' env FLYWAY_LOCATIONS='core,parts/*/sql' "$pgstride_binary" status -d "$jdbc&user=postgres" --exit-code
	like "$out" '^  \.?/?parts/audit/sql/later/V4__index.sql \(applied' 'status shows each with the way to it'
	exits 4 'some of them are not all' pgstride up -d "$jdbc&user=postgres" --dir core,parts/audit/sql
	like "$err" 'Detected applied migration not resolved locally: (3|views)' 'as Flyway says'
	echo 'SELEC 1;' >parts/billing/sql/V5__wrong.sql
	exits 2 'an error' pgstride up -c conf/flyway.conf
	like "$err" 'parts/billing/sql/V5__wrong\.sql:1' 'names the file where it is'
	mv parts/billing/sql/V5__wrong.sql parts/billing/sql/V2_0__again.sql
	exits 4 'a version twice' pgstride status -c conf/flyway.conf
	like "$err" 'Found more than one migration with version 2' 'is told as Flyway tells it'
	like "$err" 'parts/audit/sql/V2__audit.sql \(SQL\)' 'with both'
	like "$err" 'parts/billing/sql/V2_0__again.sql \(SQL\)' 'of them'
	rm parts/billing/sql/V2_0__again.sql
	mkdir -p pairs
	touch pairs/1_a.up.sql
	exits 4 'what reads one folder' pgstride status -d "$jdbc&user=postgres" --dir pairs,conf
	like "$err" 'golang-migrate reads one folder, and 2 are given' 'does not guess which'
}

# --- where -----------------------------------------------------------------------------

# Without it everything would be made, and found again, in another schema.
schema_of_flyway() {
	local jdbc="jdbc:postgresql:///shop?host=$server"
	mkdir -p placed
	echo 'CREATE TABLE placed (id int);' >placed/V1__placed.sql
	(umask 077 && printf 'flyway.url=%s\nflyway.user=postgres\nflyway.locations=filesystem:placed\nflyway.defaultSchema=app\n' "$jdbc" >placed.conf)
	fresh_shop
	shop 'DROP SCHEMA app'
	exits 4 'its schema: not there' pgstride up -c placed.conf
	like "$err" 'there is no schema "app"' 'its schema: is named'
	shop 'CREATE SCHEMA app'
	for own in '' --history=own; do
		exits 4 "its schema: another address${own:+, $own}" pgstride up -c placed.conf -d "$jdbc&user=postgres" $own
		like "$err" 'the schema of Flyway is "app", and this address leads to "public"' 'its schema: goes elsewhere'
	done
	exits 4 'its schema: by a variable' env FLYWAY_SCHEMAS=app,other "$pgstride_binary" up --dir placed -d "$jdbc&user=postgres"
	exits 0 'its schema: named in the address' env FLYWAY_SCHEMAS=app,other "$pgstride_binary" status --dir placed -d "$jdbc&user=postgres&currentSchema=app"
	exits 0 'its schema: by its own configuration' pgstride up -c placed.conf
	is "$(shop "SELECT to_regclass('app.placed'), to_regclass('app.flyway_schema_history'), to_regclass('public.placed')")" \
		'app.placed|app.flyway_schema_history|' 'its schema: has all of it'
}

# --- what it is told besides ------------------------------------------------------------

settings_of_flyway() {
	local key value usual
	mkdir -p told
	echo 'CREATE TABLE told (id int);' >told/V1__told.sql
	while read -r key value usual; do
		echo "flyway.$key=$value" >told.conf
		exits 4 "$key: what it would change" pgstride validate -c told.conf --dir told
		like "$err" "told\.conf:1: \"$key\" of Flyway is not honoured here" 'is refused by its name'
		echo "flyway.$key=$usual" >told.conf
		[ -z "$usual" ] || exits 0 "$key: what is usual" pgstride validate -c told.conf --dir told
	done <<-'KEYS'
		cherryPick 2.0
		skipExecutingMigrations true false
		dryRunOutput plan.sql
		group true false
		initSql SET
		errorOverrides S0001:0:I
		sqlMigrationPrefix M V
		repeatableSqlMigrationPrefix A R
		undoSqlMigrationPrefix D U
		baselineMigrationPrefix I B
		sqlMigrationSeparator _ __
		sqlMigrationSuffixes .sql,.ddl .sql
		placeholderSeparator / :
		encoding ISO-8859-1 UTF-8
		resolvers com.example.Ours
		skipDefaultResolvers true false
		callbacks com.example.Ours
	KEYS
	exits 4 'a variable is refused as well' env FLYWAY_CHERRY_PICK=2 "$pgstride_binary" validate --dir told
	like "$err" 'FLYWAY_CHERRY_PICK of Flyway is not honoured' 'by its name'
	echo 'SELECT 1;' >told/beforeMigrate.sql
	echo 'SELECT 1;' >told/afterEachMigrate__grants.sql
	for key in installedBy=me tablespace=fast lockRetryCount=5 validateOnMigrate=false cleanOnValidationError=true target=1 executeInTransaction=false; do
		echo "flyway.$key"
	done >told.conf
	echo 'CREATE INDEX CONCURRENTLY told_id ON told (id); ALTER TABLE told ADD COLUMN n int;' >told/V1_1__mixed.sql
	echo 'CREATE TABLE beyond (id int);' >told/V2__beyond.sql
	sed -i 's/target=1/target=1.1/' told.conf
	fresh_shop
	exits 0 'what changes nothing of what runs' pgstride up -c told.conf -d "$jdbc&user=postgres" --dir told
	like "$(sort <<<"$err" | grep -c 'is not honoured\|is a callback of Flyway')" '^7$' 'is warned about, each once'
	like "$err" 'told/beforeMigrate\.sql is a callback' 'callbacks by their files'
	is "$(shop "SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history")" '1 1.1' 'and target says how far to go'
	echo 'shouldExecute=${late}' >told/V2__beyond.sql.conf
	exits 4 'an expression' pgstride validate --dir told
	like "$err" 'V2__beyond\.sql\.conf: "shouldExecute" is "\$\{late\}" here' 'is not guessed at'
}

# what: what the schema holds before.
baseline_of_flyway() {
	mkdir -p base
	echo 'CREATE TABLE old (id int);' >base/V1__old.sql
	echo 'CREATE TABLE old2 (id int);' >base/V2__old.sql
	echo 'CREATE TABLE new (id int);' >base/V3__new.sql
	local address="$jdbc&user=postgres"
	fresh_shop
	shop 'CREATE EXTENSION pg_trgm' 2>/dev/null
	printf 'flyway.baselineOnMigrate=true\nflyway.baselineVersion=2.0\nflyway.baselineDescription=as it was\n' >base.conf
	exits 0 'a schema with nothing but an extension' pgstride up -c base.conf -d "$address" --dir base
	is "$(shop "SELECT string_agg(version || ' ' || type, ', ' ORDER BY installed_rank) FROM flyway_schema_history")" '1 SQL, 2 SQL, 3 SQL' 'is empty: everything runs'

	fresh_shop
	shop 'CREATE TABLE old (id int); CREATE TABLE old2 (id int)'
	exits 4 'a schema that is in use' pgstride up -d "$address" --dir base
	like "$err" 'Found non-empty schema\(s\) "public" but no schema history table' 'is refused as Flyway does'
	is "$(shop "SELECT to_regclass('flyway_schema_history') IS NULL")" t 'and gets no history'
	exits 4 'nor the second time' pgstride up -d "$address" --dir base
	exits 4 'nor a plan' pgstride plan -d "$address" --dir base
	exits 0 'status says so' pgstride status -d "$address" --dir base
	like "$out" 'nothing can run: Found non-empty' 'and why'
	exits 8 'with a baseline' pgstride status -c base.conf -d "$address" --dir base --exit-code
	like "$out" 'Database is 1 migration behind' 'what is above it is pending'
	exits 0 'it begins there' pgstride up -c base.conf -d "$address" --dir base
	like "$err" 'begins with a baseline at version 2\.0' 'and says so'
	is "$(shop "SELECT concat_ws('|', installed_rank, version, description, type, script, checksum, installed_by, execution_time, success) FROM flyway_schema_history ORDER BY 1" | tr '\n' ' ' | sed 's/|postgres|[0-9]*|/|postgres|0|/g')" \
		"1|2.0|as it was|BASELINE|as it was|postgres|0|t 2|3|new|SQL|V3__new.sql|$(crc base/V3__new.sql)|postgres|0|t " 'as Flyway writes it'
	shop 'DROP SCHEMA pgstride CASCADE'
	exits 0 'all of it is found again' pgstride status -d "$address" --dir base --exit-code

	fresh_shop
	shop 'CREATE VIEW old AS SELECT 1 AS id'
	exits 0 'who says what is there' pgstride baseline 2 -d "$address" --dir base --yes
	exits 0 'goes on behind it' pgstride up -d "$address" --dir base
	is "$(shop "SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history")" '1 2 3' 'and Flyway does'
}

# --- Kestra ----------------------------------------------------------------------------

# kestra URL: its configuration, with what it says of its database, and no more.
kestra() {
	(umask 077; printf 'kestra:\n  queue: {type: postgres}\ndatasources:\n  postgres:\n    url: %s\n    driverClassName: org.postgresql.Driver\n    username: postgres\n    password: pa&ss\n' "$1" >kestra.yml)
}
kestra_runs() {
	mkdir -p classes
	echo 'CREATE TABLE flows (id int);;' >classes/V1_1__initial.sql
	echo 'CREATE TABLE executions (id int);' >classes/V1_27__executions.sql
	fresh_shop
	kestra "$jdbc"
	exits 0 'Kestra: sys database migrate' pgstride sys database migrate -c kestra.yml --dir classes
	is "$(shop 'SELECT installed_rank, version, description, type, script, checksum, success FROM flyway_schema_history ORDER BY 1' | tr '\n' ' ')" \
		"1|1.1|initial|SQL|V1_1__initial.sql|$(crc classes/V1_1__initial.sql)|t 2|1.27|executions|SQL|V1_27__executions.sql|$(crc classes/V1_27__executions.sql)|t " \
		'Kestra: its own start finds every row, with its checksum'
	exits 0 'Kestra: it would apply nothing' pgstride status -c kestra.yml --dir classes --exit-code
	shop "INSERT INTO flyway_schema_history VALUES (3, '22', 'of the old numbering', 'SQL', 'V22__old.sql', 5, 'k', now(), 1, true),
		(4, '1.5', 'gone since', 'SQL', 'V1_5__gone_since.sql', 7, 'k', now(), 1, true)"
	echo 'CREATE TABLE late (id int);' >classes/V1_2__late.sql
	exits 0 'Kestra: what comes late, and rows without files, as it starts Flyway' pgstride sys database migrate -c kestra.yml --dir classes
	is "$(shop "SELECT string_agg(version, ' ' ORDER BY installed_rank) FROM flyway_schema_history")" '1.1 1.27 22 1.5 1.2' 'Kestra: is applied behind them'
	echo 'CREATE TABLE later (id int);' >classes/V1_3__later.sql
	exits 4 'any other up asks' pgstride up -c kestra.yml --dir classes
}
# crc FILE: as Flyway has it, of the lines without their ends.
crc() { tr -d '\n' <"$1" | gzip -c | tail -c 8 | od -An -N4 -td4 | tr -d ' '; }
kestra_addresses() {
	kestra 'jdbc:h2:mem:public;DB_CLOSE_DELAY=-1'
	exits 2 'Kestra: H2' pgstride sys database migrate -c kestra.yml --dir classes
	like "$err" 'unknown kind of database "h2"' 'Kestra: is not spoken here'
	like "$err" 'let that migrate it at its start, or move to PostgreSQL' 'Kestra: and what to do about it'
	printf 'datasources:\n  mysql:\n    url: jdbc:mysql://127.0.0.1:1/kestra\n    username: k\n    password: sesame\nflyway:\n  datasources:\n    mysql: {locations: ["filesystem:classes"]}\n    postgres: {locations: ["filesystem:nowhere"]}\n' >kestra.yml
	exits 6 'Kestra: MySQL is asked where the address says' pgstride sys database migrate -c kestra.yml
	like "$err" '127\.0\.0\.1' 'Kestra: by its name'
	unlike "$out$err" 'sesame|nowhere' 'Kestra: with the settings of that database, and without its password'
	kestra "$jdbc"
	sed -i "s|url: .*|url: jdbc:postgresql://127.0.0.1:1,127.0.0.1:2/shop?currentSchema=app\&ApplicationName=kestra|" kestra.yml
	exits 6 'Kestra: several hosts' pgstride sys database migrate -c kestra.yml --dir classes
	unlike "$err" 'pa&ss|pa%26ss' 'Kestra: no password is shown'
}

# A description has 200 characters there, as Java counts them; of a longer one the first
# 197 and three dots. It is the same one then, to Flyway and to us.
long_descriptions() {
	local wide long
	wide=$(printf 'é%.0s' {1..110}) long=$(printf 'd%.0s' {1..201})
	rm -rf long && mkdir long
	echo 'CREATE TABLE l (n int);' >"long/V1__$wide.sql"
	echo 'CREATE TABLE m (n int);' >"long/V2__$long.sql"
	echo 'CREATE OR REPLACE VIEW v AS SELECT 1 AS one;' >"long/R__$long.sql"
	new_database descriptions
	exits 0 'long descriptions: up' pgstride up --dir long
	is "$(sql 'SELECT length(description), right(description, 4) FROM flyway_schema_history ORDER BY installed_rank' | tr '\n' ' ')" \
		'110|éééé 200|d... 200|d... ' 'long descriptions: cut as Flyway cuts them'
	sql 'DROP SCHEMA pgstride CASCADE'
	exits 0 'long descriptions: nothing is pending' pgstride status --dir long --exit-code
	exits 0 'long descriptions: and nothing is another' pgstride up --dir long
	like "$out" 'already up to date' 'long descriptions: or run again'
}

both_ways
mistakes
locations_of_flyway
schema_of_flyway
settings_of_flyway
baseline_of_flyway
kestra_runs
kestra_addresses
long_descriptions
finish
