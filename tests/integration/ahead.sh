#!/bin/bash
# ahead.sh: `plan` over several pending migrations says what `up` then does: the steps of
# the one are the records of the other, whatever the first migration makes, renames or
# takes away under the second; and what could not work is refused before anything runs.
. "$(dirname "$0")/../lib.sh"

# The table that every pair starts from.
start_table() {
	sql "CREATE TABLE people (id bigint PRIMARY KEY, name text, city text DEFAULT 'Oslo', born date NOT NULL);
	     CREATE INDEX people_name ON people (name);
	     CREATE VIEW births AS SELECT born FROM people;
	     CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint REFERENCES people);
	     INSERT INTO people SELECT n, 'name ' || n, 'town', '2000-01-01' FROM generate_series(1, 200) n"
}

# pair NAME FIRST SECOND: two migrations in a folder, a database of their own.
pair() {
	folder=$tmp/$1
	mkdir -p "$folder"
	printf '%s\n' "$2" >"$folder/1_first.sql"
	printf '%s\n' "$3" >"$folder/2_second.sql"
	new_database "$1"
	start_table
}

# What is planned, and what is recorded: version, phase, title and statements.
planned() {
	pgstride plan --dir "$folder" --format json "$@" |
		jq -r '.result.migrations[] | .version as $v | .steps[] | select(.phase != "contract" or $through == "contract")
		       | [$v, .phase, .title, (.sql | join(";\n"))] | @json' --arg through "${through:-}"
}
recorded() {
	sql "SELECT pg_catalog.jsonb_build_array(version, phase, title, sql) FROM pgstride.steps
	      ORDER BY version, array_position(ARRAY['up','expand','backfill','contract'], phase), number" | jq -c .
}

# agrees NAME FIRST SECOND [FLAG...]: plan == up.
agrees() {
	local plan name=$1
	pair "$1" "$2" "$3"
	shift 3
	plan=$(planned "$@")
	exits 0 "$name: up" pgstride up --yes --dir "$folder" "$@"
	is "$plan" "$(recorded)" "$name: plan says what up does"
}

# refused NAME FIRST SECOND PLACE TEXT: plan and up say so, and up has run nothing.
refused() {
	pair "$1" "$2" "$3"
	exits 4 "$1: plan refuses" pgstride plan --dir "$folder"
	like "$err" "$4.*$5" "$1: and says why"
	exits 4 "$1: up refuses" pgstride up --yes --dir "$folder"
	like "$err" "$4.*$5" "$1: in the same words"
	is "$(sql "SELECT count(*) FROM pgstride.steps")" 0 "$1: before anything ran"
}

start_postgres

# --- what the first makes, the second may use -------------------------------------------
agrees added_column 'ALTER TABLE people ADD COLUMN nick text;' \
	'CREATE INDEX people_nick ON people (nick); ALTER TABLE people ALTER COLUMN nick SET DEFAULT $$x$$;'
agrees filled_later 'ALTER TABLE people ADD COLUMN nick varchar(40);' \
	$'-- migrate:expand\nALTER TABLE people ADD COLUMN alias varchar(40);\n-- migrate:backfill sync:both\nUPDATE people SET alias = nick WHERE alias IS NULL;'
agrees new_table 'CREATE TABLE towns (id serial PRIMARY KEY, name varchar(40) NOT NULL UNIQUE, size int CHECK (size > 0), mayor bigint REFERENCES people);' \
	'CREATE INDEX towns_size ON towns (size); ALTER TABLE towns ADD COLUMN area numeric(10,2) DEFAULT 0; ALTER TABLE towns ALTER COLUMN area SET NOT NULL; ALTER TABLE towns DROP CONSTRAINT towns_size_check;' --safe=warn
agrees new_table_filled 'CREATE TABLE towns (id bigint PRIMARY KEY, name text);' \
	$'-- migrate:expand\nALTER TABLE towns ADD COLUMN label text;\n-- migrate:backfill sync:both\nUPDATE towns SET label = name WHERE label IS NULL;\n-- migrate:contract\nALTER TABLE towns DROP COLUMN name;\nALTER TABLE towns RENAME COLUMN label TO name;'
agrees qualified_name 'CREATE TABLE towns (id bigint PRIMARY KEY);' 'ALTER TABLE public.towns ADD COLUMN name text; CREATE INDEX towns_name ON towns (name);'
agrees new_index 'CREATE INDEX people_city ON people (city);' 'DROP INDEX people_city;'
agrees named_constraint 'ALTER TABLE people ADD CONSTRAINT grown CHECK (born < current_date) NOT VALID;' 'ALTER TABLE people VALIDATE CONSTRAINT grown;'
agrees found_again 'CREATE INDEX people_city ON people (city);' 'CREATE INDEX IF NOT EXISTS people_city ON people (city);'
agrees not_null_proven 'ALTER TABLE people ALTER COLUMN city SET NOT NULL;' 'ALTER TABLE people ALTER COLUMN city DROP NOT NULL;'

# --- what it takes away or calls otherwise, the second meets so ---------------------------
agrees renamed_table 'ALTER TABLE pets RENAME TO animals;' 'ALTER TABLE animals ADD COLUMN kind text; CREATE INDEX animals_kind ON animals (kind);' --safe=warn
agrees name_given_again 'ALTER TABLE pets RENAME TO old_pets;' 'CREATE TABLE pets (id bigint PRIMARY KEY); CREATE INDEX pets_id ON pets (id);' --safe=warn
agrees renamed_column 'ALTER TABLE people RENAME COLUMN city TO town;' 'ALTER TABLE people ALTER COLUMN town SET DEFAULT $$here$$;' --safe=warn
agrees dropped_column 'ALTER TABLE people DROP COLUMN name;' 'ALTER TABLE people ADD COLUMN name text; CREATE INDEX people_name ON people (name);' --safe=warn
agrees dropped_table 'DROP TABLE pets;' 'CREATE TABLE pets (id bigint PRIMARY KEY, owner bigint REFERENCES people); ALTER TABLE people DROP COLUMN city;' --safe=warn
agrees dropped_default 'ALTER TABLE people ALTER COLUMN city DROP DEFAULT;' 'ALTER TABLE people ALTER COLUMN city SET DEFAULT $$Rome$$;'
agrees dropped_key 'ALTER TABLE pets DROP CONSTRAINT pets_owner_fkey;' 'ALTER TABLE people DROP COLUMN city; DROP TABLE pets;' --safe=warn
agrees wider_type 'ALTER TABLE people ALTER COLUMN name TYPE varchar(200);' 'ALTER TABLE people ALTER COLUMN name TYPE text; CREATE INDEX people_lower ON people (lower(name));' --safe=warn
agrees new_schema 'CREATE SCHEMA zoo; CREATE TABLE zoo.cages (id bigint PRIMARY KEY);' 'ALTER TABLE zoo.cages ADD COLUMN wide int; ALTER TABLE zoo.cages SET SCHEMA public;' --safe=warn
agrees partitioned 'CREATE TABLE days (day date NOT NULL) PARTITION BY RANGE (day);' 'CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ($$2026-01-01$$) TO ($$2027-01-01$$); ALTER TABLE days_1 ADD CHECK (day > $$2025-01-01$$) NOT VALID;' --safe=warn
agrees in_session 'SET search_path = public; CREATE TEMP TABLE note (t text); INSERT INTO note VALUES (1);' 'ALTER TABLE people ADD COLUMN nick text;'

agrees without_its_view 'DROP VIEW births;' 'ALTER TABLE people DROP COLUMN born;'

through=contract
agrees contracted_between \
	$'-- migrate:expand\nALTER TABLE people ADD COLUMN town text;\n-- migrate:backfill sync:both\nUPDATE people SET town = city WHERE town IS NULL;\n-- migrate:contract\nALTER TABLE people DROP COLUMN city;' \
	'ALTER TABLE people ADD COLUMN city text; CREATE INDEX people_town ON people (town);' --through contract
through=

# --- what only the server can tell is planned when it is there ----------------------------
pair clouded 'DO $$ BEGIN EXECUTE $x$ALTER TABLE people ADD COLUMN nick text$x$; END $$;' \
	$'-- migrate:expand\nALTER TABLE people ADD COLUMN alias text;\n-- migrate:backfill sync:both\nUPDATE people SET alias = nick WHERE alias IS NULL;'
exits 0 'a DO block first: plan' pgstride plan --dir "$folder"
like "$out" 'planned when 1_first is done' 'a DO block first: plan says what it cannot know'
exits 0 'a DO block first: up' pgstride up --yes --dir "$folder"
is "$(sql "SELECT count(*) FROM people WHERE alias IS NOT NULL")" 0 'a DO block first: nothing to fill, and it was asked'

pair clouded_typo 'DO $$ BEGIN EXECUTE $x$ALTER TABLE people ADD COLUMN nick text$x$; END $$;' $'-- migrate:backfill\nUPDATE peopel SET nick = name WHERE nick IS NULL;'
exits 1 'a DO block first: a table that is not there' pgstride up --yes --dir "$folder"
like "$err" 'Did you mean "people"\?' 'a DO block first: which was meant'

# --- what cannot work is said before the first statement ----------------------------------
refused typo_in_column 'ALTER TABLE people ADD COLUMN nick text;' 'ALTER TABLE people ALTER COLUMN nikc SET DEFAULT 1;' '2_second.sql:1' 'column "nikc" of "people" does not exist'
like "$err" 'Did you mean "nick"' 'a column that the first migration adds is meant'
refused typo_in_table 'CREATE TABLE towns (id bigint);' $'\nALTER TABLE town ADD COLUMN name text;' '2_second.sql:2' 'relation "town" does not exist'
like "$err" 'Did you mean "towns"' 'a table that the first migration makes is meant'
refused typo_in_backfill 'CREATE TABLE towns (id bigint);' $'-- migrate:backfill\n\nUPDATE peopel SET name = city WHERE name IS NULL;' '2_second.sql:3' 'relation "peopel" does not exist'
like "$err" 'Did you mean "people"\?' 'a table that no migration names is found in the database'
sql 'CREATE SCHEMA far; CREATE TABLE far.away (id int)'
rm "$folder"/* && echo 'ALTER TABLE away ADD COLUMN x int;' >"$folder/1_away.sql"
exits 4 'a table of another schema: up' pgstride up --yes --dir "$folder"
like "$err" 'Did you mean "far.away"\?' 'a table of another schema is found there'
refused gone_by_then 'DROP TABLE pets;' 'ALTER TABLE pets ADD COLUMN x int;' '2_second.sql:1' 'relation "pets" does not exist'
refused dropped_by_then 'ALTER TABLE people DROP COLUMN city;' 'CREATE INDEX people_city ON people (city);' '2_second.sql:1' 'column "city" of "people" does not exist'
refused there_by_then 'ALTER TABLE people ADD COLUMN nick text;' 'ALTER TABLE people ADD COLUMN nick text;' '2_second.sql:1' 'column "nick" is there already'
refused no_such_constraint 'ALTER TABLE people ADD CONSTRAINT grown CHECK (born < current_date) NOT VALID;' 'ALTER TABLE people VALIDATE CONSTRAINT grwon;' '2_second.sql:1' 'constraint "grwon" of "people" does not exist'
refused later_contract 'ALTER TABLE people ADD COLUMN nick text;' $'-- migrate:expand\nALTER TABLE people ADD COLUMN town text;\n-- migrate:contract\nALTER TABLE people DROP COLUMN ctiy;' '2_second.sql:4' 'column "ctiy" of "people" does not exist'
refused still_pointed_at 'ALTER TABLE pets ADD COLUMN x int;' 'DROP TABLE people;' '2_second.sql:1' '"people" cannot be dropped: foreign key pets_owner_fkey of public.pets'
finish
