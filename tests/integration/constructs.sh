#!/bin/bash
# constructs.sh: what is hard to read in a migration, in every layout and on every engine:
# one table of constructs, from which a folder of each runner is made. Each is applied,
# whole, once, and the database is asked whether its last word was heard.
. "$(dirname "$0")/../lib.sh"
start_postgres
sql 'CREATE ROLE maker'
start_maria
# In memory where there is room: no test of ours is about a disk.
files=$tmp
[ ! -w /dev/shm ] || files=$(mktemp -d -p /dev/shm)
trap 'rm -rf "$files"; clean_up' EXIT

# --- the table -------------------------------------------------------------------------
#
# ## NAME | ENGINES | LAYOUTS | HOW | QUESTION | ANSWER, and below it the SQL.
#   LAYOUTS: "all", those that are meant, or behind a ! those that are not.
#   HOW: "block": goose has to be told that it is one statement; "alone": the runner is
#   told, in its own way where it has one, to use no transaction.
constructs() {
	cat <<'TABLE'
## comment | postgres mysql sqlite3 | all | - | SELECT count(*) FROM comment_t | 1
-- one; DROP TABLE nowhere; and a ? too
CREATE TABLE comment_t (n int); -- two; 'three
/* four; "five */
INSERT INTO comment_t VALUES (1); -- the last; DROP TABLE comment_t;
## nested | postgres | all | - | SELECT count(*) FROM nested_t | 0
/* one /* two; */ it's three; */
CREATE TABLE nested_t (n int);
## hash | mysql | all | - | SELECT count(*) FROM hash_t | 1
# one; DROP TABLE nowhere; it's
CREATE TABLE hash_t (n int) /*!50000 COMMENT='kept; as it is' */;
INSERT INTO hash_t VALUES (5--3);
## empty | postgres mysql sqlite3 | all | - | SELECT count(*) FROM empty_t | 1
CREATE TABLE empty_t (n int);;
;
INSERT INTO empty_t VALUES (1);;
## only_comments | postgres mysql sqlite3 | all | - | SELECT 1 | 1
-- nothing; is to be done
/* nor; here */
## quoted | postgres sqlite3 | all | - | SELECT t FROM quoted_t | it's; --\d
CREATE TABLE quoted_t (t text);
INSERT INTO quoted_t VALUES ('it''s; --\d');
## quoted | mysql | all | - | SELECT t FROM quoted_t | it's; --"d
CREATE TABLE quoted_t (t text);
INSERT INTO quoted_t VALUES ('it\'s; --"d');
## modes | mysql | all | - | SELECT concat(`a"b`, c) FROM modes_t | \x
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES';
CREATE TABLE modes_t ("a""b" text, c text);
INSERT INTO modes_t VALUES ('\', 'x');
SET sql_mode = DEFAULT;
## do | postgres | all | block | SELECT count(*) FROM do_t | 2
DO $$
BEGIN
	CREATE TABLE do_t (n int);
	INSERT INTO do_t VALUES (1);
	EXECUTE $q$INSERT INTO do_t VALUES (2);$q$;
END $$;
## role | postgres | all | alone | SELECT concat(tableowner, count(*)) FROM pg_tables JOIN pg_indexes USING (tablename) WHERE tablename = 'role_t' GROUP BY tableowner | maker1
GRANT CREATE ON SCHEMA public TO maker;
SET ROLE maker;
CREATE TABLE role_t (n int);
CREATE INDEX CONCURRENTLY role_i ON role_t (n);
ALTER TABLE role_t ADD COLUMN m int;
RESET ROLE;
## function | postgres | all | block | SELECT proname FROM pg_proc WHERE proname = 'function_f' | function_f
CREATE FUNCTION function_f(n int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
	IF n > 1 THEN RETURN 1; END IF; -- it's; so
	RETURN 2;
END $body$;
## procedure | mysql | all | block | SELECT routine_name FROM information_schema.routines WHERE routine_schema = database() | procedure_p
CREATE PROCEDURE procedure_p(n int)
BEGIN
	DECLARE m int DEFAULT 0;
	IF n > 1 THEN SET m = 1; END IF;
	CASE m WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE;
END;
## trigger | sqlite3 | all | block | SELECT count(*) FROM trigger_seen | 1
CREATE TABLE trigger_t (n int); CREATE TABLE trigger_seen (n int);
CREATE TRIGGER trigger_g AFTER INSERT ON trigger_t BEGIN
	INSERT INTO trigger_seen VALUES (CASE WHEN new.n > 1 THEN 1 ELSE 2 END);
	UPDATE trigger_t SET n = 3;
END;
INSERT INTO trigger_t VALUES (1);
## delimiter | mysql | !goose | - | SELECT count(*) FROM delimiter_t | 2
CREATE TABLE delimiter_t (n int);
DELIMITER //
CREATE TRIGGER delimiter_g BEFORE INSERT ON delimiter_t FOR EACH ROW
BEGIN
	SET new.n = 1; SET new.n = new.n + 1;
END//
INSERT INTO delimiter_t VALUES (1)//
DELIMITER ;
INSERT INTO delimiter_t VALUES (2);
## concurrently | postgres | all | alone | SELECT count(*) FROM pg_index WHERE indrelid = 'concurrently_t'::regclass AND indisvalid | 2
CREATE TABLE concurrently_t (n int);
CREATE INDEX CONCURRENTLY concurrently_n ON concurrently_t (n);
ALTER TABLE concurrently_t ADD COLUMN m int;
CREATE INDEX CONCURRENTLY concurrently_m ON concurrently_t (m);
ALTER TABLE concurrently_t ALTER COLUMN m SET DEFAULT 1;
## unmarked | postgres | all | - | SELECT column_default FROM information_schema.columns WHERE table_name = 'unmarked_t' AND column_name = 'm' | 1
CREATE TABLE unmarked_t (n int);
ALTER TABLE unmarked_t ADD COLUMN m int;
CREATE INDEX CONCURRENTLY unmarked_m ON unmarked_t (m);
ALTER TABLE unmarked_t ALTER COLUMN m SET DEFAULT 1;
## savepoint | postgres | all | - | SELECT n FROM savepoint_t | 2
CREATE TABLE savepoint_t (n int);
SAVEPOINT here;
INSERT INTO savepoint_t VALUES (1);
ROLLBACK TO SAVEPOINT here;
INSERT INTO savepoint_t VALUES (2);
RELEASE here;
## copy | postgres | !goose | - | SELECT string_agg(t, ',' ORDER BY t) FROM copy_t | a;,it's
CREATE TABLE copy_t (n int, t text);
COPY copy_t (n, t) FROM STDIN;
1	a;
2	it's
\.
ALTER TABLE copy_t ADD COLUMN m int;
## apart | postgres | popx dbmate goose flyway atlas | alone | SELECT count(DISTINCT x) FROM apart_t | 2
CREATE TABLE apart_t AS SELECT txid_current() AS x;
INSERT INTO apart_t SELECT txid_current();
## together | postgres | all | - | SELECT count(DISTINCT x) FROM together_t | 1
CREATE TABLE together_t AS SELECT txid_current() AS x;
INSERT INTO together_t SELECT txid_current();
## value | postgres | all | alone | SELECT count(*) FROM pg_enum | 2
CREATE TYPE value_e AS ENUM ('a');
ALTER TYPE value_e ADD VALUE 'b';
TABLE
}

# --- one file of each runner -------------------------------------------------------------

layouts='popx pair dbmate goose flyway drizzle drizzle-folders atlas plain sqitch'
declare -A dialect=([postgres]=postgresql [mysql]=mysql [sqlite3]=sqlite)

# put LAYOUT NUMBER NAME HOW BODY: as that runner would have it, in the current directory;
# without a fork, as there are thousands.
put() {
	local layout=$1 number=$2 name=$3 how=$4 body=$5 stem head=''
	case $layout in
	popx)
		printf -v stem '2026010100%010d_%s' "$number" "$name"
		[ "$how" != alone ] || head=.autocommit
		printf '%s' "$body" >"$stem$head.up.sql"
		: >"$stem.down.sql"
		;;
	pair) printf '%s' "$body" >"${number}_$name.up.sql" ;;
	dbmate)
		[ "$how" != alone ] || head=' transaction:false'
		printf -v stem '2026%010d_%s' "$number" "$name"
		printf -- '-- migrate:up%s\n%s-- migrate:down\n' "$head" "$body" >"$stem.sql"
		;;
	goose)
		printf -v stem '%05d_%s' "$number" "$name"
		[ "$how" != alone ] || head=$'-- +goose NO TRANSACTION\n'
		[ "$how" != block ] || body=$'-- +goose StatementBegin\n'$body$'-- +goose StatementEnd\n'
		printf -- '%s-- +goose Up\n%s-- +goose Down\n' "$head" "$body" >"$stem.sql"
		;;
	flyway)
		printf '%s' "$body" >"V${number}__$name.sql"
		[ "$how" != alone ] || echo 'executeInTransaction=false' >"V${number}__$name.sql.conf"
		;;
	drizzle)
		printf -v stem '%04d_%s' "$number" "$name"
		printf '%s' "$body" >"$stem.sql"
		journal+="${journal:+,}{\"idx\":$number,\"version\":\"7\",\"when\":$((1767225600000 + number)),\"tag\":\"$stem\",\"breakpoints\":true}"
		;;
	drizzle-folders)
		printf -v stem '2026%010d_%s' "$number" "$name"
		mkdir "$stem"
		printf '%s' "$body" >"$stem/migration.sql"
		;;
	atlas)
		printf -v stem '2026%010d_%s' "$number" "$name"
		[ "$how" != alone ] || head=$'-- atlas:txmode none\n\n'
		printf '%s%s' "$head" "$body" >"$stem.sql"
		;;
	plain)
		printf -v stem '%04d_%s' "$number" "$name"
		printf '%s' "$body" >"$stem.sql"
		;;
	sqitch)
		[ -d deploy ] || mkdir deploy
		plan+="$name 2026-01-01T00:00:00Z Shop <shop@example.org> # $name"$'\n'
		printf '%s' "$body" >"deploy/$name.sql"
		;;
	esac
}
# begin_folder; end_folder LAYOUT ENGINE: what stands beside the files of some runners.
begin_folder() {
	rm -rf "$tmp/folder"
	mkdir "$tmp/folder"
	cd "$tmp/folder" || exit 1
	journal='' plan='' count=0
}
end_folder() {
	case $1 in
	drizzle)
		mkdir meta
		echo "{\"version\":\"7\",\"dialect\":\"${dialect[$2]}\",\"entries\":[$journal]}" >meta/_journal.json
		;;
	atlas) sealed . ;;
	sqitch) printf '%%syntax-version=1.0.0\n%%project=constructs\n\n%s' "$plan" >sqitch.plan ;;
	esac
}
# is_meant WORDS WORD: is it among them, or not behind a "!"?
is_meant() {
	case $1 in
	all) ;;
	!*) [[ " ${1#!} " != *" $2 "* ]] ;;
	*) [[ " $1 " == *" $2 "* ]] ;;
	esac
}
# folder_of LAYOUT ENGINE: with $questions and $answers about what it makes.
folder_of() {
	local name engines meant how question answer line body=''
	questions='' answers=''
	begin_folder
	while IFS= read -r line; do
		if [[ $line != '## '* ]]; then
			body+=$line$'\n'
			continue
		fi
		if [ -n "$body" ] && is_meant "$engines" "$2" && is_meant "$meant" "$1"; then
			count=$((count + 1))
			put "$1" "$count" "${name// /}" "${how// /}" "$body"
			questions+=$question$';\n' answers+=${answers:+$'\n'}${answer# }
		fi
		body=''
		IFS='|' read -r name engines meant how question answer <<<"${line#'## '}"
		meant=${meant# } meant=${meant% }
	done < <(constructs; echo '## ')
	end_folder "$1" "$2"
}

# --- every engine, every layout ----------------------------------------------------------

# fresh ENGINE: an empty database, and who answers questions about it.
fresh() {
	case $1 in
	postgres) new_database constructs ;;
	mysql)
		mariadb --no-defaults -uroot -S "$maria/s" -e 'DROP DATABASE IF EXISTS constructs; CREATE DATABASE constructs CHARACTER SET utf8mb4'
		export PGSTRIDE_DATABASE="mysql://root@localhost/constructs?socket=$maria/s"
		;;
	sqlite3)
		rm -f "$files/constructs.db"
		: >"$files/constructs.db"
		export PGSTRIDE_DATABASE=sqlite:$files/constructs.db
		;;
	esac
}
ask() {
	case $1 in
	postgres) psql -XAtq ;;
	mysql) mariadb --no-defaults -uroot -S "$maria/s" -N -B --raw constructs ;;
	sqlite3) sqlite3 -batch "$files/constructs.db" ;;
	esac
}
for engine in postgres mysql sqlite3; do
	for layout in $layouts; do
		what="$layout on $engine"
		folder_of "$layout" "$engine"
		fresh "$engine"
		exits 0 "$what: up" pgstride up --dir . --layout "$layout"
		like "$out" "^Successfully applied $count migrations:" "$what: each is applied"
		is "$(ask "$engine" <<<"$questions" 2>&1)" "$answers" "$what: to its last word"
	done
done

# --- a thousand files --------------------------------------------------------------------

fresh postgres
for layout in $layouts; do
	begin_folder
	case $layout in atlas) most=100 ;; *) most=1000 ;; esac # sealing takes its time
	for ((count = 1; count <= most; count++)); do
		put "$layout" "$count" "t$count" - "CREATE TABLE t$count (n int); -- it's; t$count"$'\n'
	done
	end_folder "$layout" postgres
	exits 0 "$layout: $most files" pgstride validate --dir . --layout "$layout" --format json
	is "$(jq .result.migrations <<<"$out")" "$most" "$layout: all are read"
done
exits 0 'a thousand files: up' pgstride up --dir . --layout sqitch -q
is "$(sql "SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'")" 1000 'a thousand files: all are applied'
finish
