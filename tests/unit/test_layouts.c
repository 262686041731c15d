#include "core/layouts/layout.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "core/layouts/flyway_name.h"
#include "unit/sources.h"
#include "unit/unit.h"

#define FOLDER(...) ((const char *const[]){__VA_ARGS__, NULL})

static const char *
variable(const Environment *environment, const char *name)
{
    (void)environment;
    return strcmp(name, "REGION") == 0                      ? "eu"
           : strcmp(name, "FLYWAY_PLACEHOLDERS_OWNER") == 0 ? "ann"
                                                            : NULL;
}

static const Environment variables = {.get = variable};

/* One folder, read for one engine: what it says as text, or what is wrong. */
typedef struct Case
{
    const char *const *files;
    const char *engine; /* NULL: postgres */
    const char *layout; /* NULL: found out */
    const char *wanted;
} Case;

/* "popx: 1=a.sql 2=b.sql-": versions and files; - has no way back, ! no transaction. */
static const char *
summary(Mem *mem, const Migrations *migrations)
{
    Buf text = buf_begin(mem);

    buf_format(&text, "%s:", migrations->layout);
    for (int i = 0; i < migrations->count; i++)
    {
        const Migration *migration = &migrations->items[i];
        const Section *up = migration_section(migration, PHASE_UP, false);
        bool back = migration_section(migration, PHASE_UP, true) != NULL;

        buf_format(&text, " %s=%s%s%s", migration->version, migration->file,
                   back ? "" : "-",
                   up != NULL && up->options.no_transaction ? "!" : "");
    }
    return text.text;
}

static const char *
case_read(Mem *mem, const Case *one, Migrations *migrations)
{
    SourceFiles files = sources_of(mem, one->files);
    const LayoutRequest request = {
        .files = &files,
        .engine = one->engine == NULL ? "postgres" : one->engine,
        .layout = one->layout,
        .environment = &variables,
    };
    Err err = {0};

    return layout_read(mem, &request, migrations, &err) ? summary(mem, migrations)
                                                        : err_line(mem, &err);
}

static void
cases_check(const Case *cases, int count)
{
    for (int i = 0; i < count; i++)
    {
        MEM_SCOPE(scope, NULL);
        Migrations migrations;
        const char *got = case_read(scope, &cases[i], &migrations);

        ck_assert_msg(strncmp(got, cases[i].wanted, strlen(cases[i].wanted)) == 0,
                      "%d:\n  got:  %s\n  want: %s", i, got, cases[i].wanted);
    }
}

#define UP "-- +goose Up\n"

/* clang-format off */
START_TEST(a_folder_says_whose_it_is)
{
    const Case cases[] = {
        {FOLDER("meta/_journal.json", "{\"entries\":[]}"), NULL, NULL, "drizzle:"},
        {FOLDER("20260101000000_a/migration.sql", ""), NULL, NULL,
         "drizzle-folders: 20260101000000=20260101000000_a/migration.sql-"},
        {FOLDER("sqitch.plan", "%project=a\n\na 2026-01-01T00:00:00Z A <a@b>\n", "deploy/a.sql", ""), NULL, NULL,
         "sqitch: a=deploy/a.sql-"},
        {FOLDER("V1__a.sql", ""), NULL, NULL, "flyway: 1=V1__a.sql-"},
        {FOLDER("1_a.sql", UP), NULL, NULL, "goose: 1=1_a.sql-"},
        {FOLDER("1_a.sql", "-- migrate:up\n"), NULL, NULL, "native: 1=1_a.sql-"},
        {FOLDER("1_a.up.sql", "-- migrate:up\n"), NULL, NULL, "native: 1=1_a.up.sql-"},
        {FOLDER("1_a.expand.sql", "", "2_b.up.sql", ""), NULL, NULL, "native: 1=1_a.expand.sql-"},
        {FOLDER("1_a.up.sql", "", "1_a.down.sql", ""), NULL, NULL, "pair: 1=1_a.up.sql"},
        {FOLDER("1_a.postgres.up.sql", "", "1_a.down.sql", ""), NULL, NULL, "popx: 1=1_a.postgres.up.sql"},
        {FOLDER("18446744073709551615_a.up.sql", "", "18446744073709551615_a.down.sql", ""), NULL, NULL,
         "pair: 18446744073709551615=18446744073709551615_a.up.sql"},
        {FOLDER("18446744073709551616_a.up.sql", "", "18446744073709551616_a.down.sql", ""), NULL, NULL,
         "popx: 18446744073709551616=18446744073709551616_a.up.sql"},
        {FOLDER("1_a.sql", "SELECT 1;"), NULL, NULL, "native: 1=1_a.sql-"},
        {FOLDER("README", ""), NULL, NULL, "native:"},
        {FOLDER("1_a.sql", "SELECT 1;"), NULL, "plain", "plain: 1=1_a.sql-"},
        {FOLDER("1_a.sql", "SELECT 1;"), NULL, "auto", "native: 1=1_a.sql-"},
        {FOLDER("1_a.sql", ""), NULL, "geese", "there is no layout \"geese\""},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(a_folder_of_several_is_refused_with_what_does_not_belong)
{
    const Case cases[] = {
        {FOLDER("V1__a.sql", "", "1_b.sql", ""), NULL, NULL,
         "not every file here is a migration of Flyway | m/1_b.sql is a file of pgstride"},
        {FOLDER("1_a.sql", UP, "2_b.up.sql", ""), NULL, NULL,
         "not every file here is a migration of goose | m/2_b.up.sql is a file of pgstride"},
        {FOLDER("1_a.postgres.up.sql", "", "1_a.down.sql", "", "notes.sql", ""), NULL, NULL,
         "not every file here is a migration of popx | m/notes.sql is named like no migration"},
        {FOLDER("1_a.up.sql", "", "2_b.ts", "", "3_c.java", ""), NULL, NULL,
         "not every file here is a migration of golang-migrate | m/2_b.ts is a program\nm/3_c.java is a program"},
        {FOLDER("notes.sql", "", "todo.sql", ""), NULL, NULL,
         "no file here is named like a migration | m/notes.sql\nm/todo.sql"},
        {FOLDER("V1__a.sql", "", "notes.sql", ""), NULL, NULL, "flyway: 1=V1__a.sql-"},
        {FOLDER("1_a.up.sql", "", "notes.sql", ""), NULL, NULL, "pair: 1=1_a.up.sql-"},
        {FOLDER("V1__a.sql", "", "1_b.sql", ""), NULL, "flyway", "flyway: 1=V1__a.sql-"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(popx_prefers_the_file_for_the_engine_and_orders_texts)
{
#define POPX "20210101000000_a.up.sql", "", "20210101000000_a.down.sql", "", \
             "20210101000000000001_b.up.sql", "", "20210101000000000001_b.postgres.up.sql", "", \
             "20210101000000000001_b.sqlite.up.sql", "", "20210101000000000001_b.down.sql", "", \
             "3_c.mysql.autocommit.up.sql", "", "3_c.mysql.down.sql", "", \
             "4_d.autocommit.up.sql", "", "4_d.crdb.down.sql", "", "5_e.oracle.up.sql", "", "5_e.oracle.down.sql", ""
    const Case cases[] = {
        {FOLDER(POPX), "postgres", NULL,
         "popx: 20210101000000=20210101000000_a.up.sql 20210101000000000001=20210101000000000001_b.postgres.up.sql "
         "4=4_d.autocommit.up.sql-!"},
        {FOLDER(POPX), "mysql", NULL,
         "popx: 20210101000000=20210101000000_a.up.sql 20210101000000000001=20210101000000000001_b.up.sql "
         "3=3_c.mysql.autocommit.up.sql! 4=4_d.autocommit.up.sql-!"},
        {FOLDER(POPX), "sqlite3", NULL,
         "popx: 20210101000000=20210101000000_a.up.sql 20210101000000000001=20210101000000000001_b.sqlite.up.sql 4="},
        {FOLDER(POPX), "cockroach", NULL,
         "popx: 20210101000000=20210101000000_a.up.sql 20210101000000000001=20210101000000000001_b.up.sql "
         "4=4_d.autocommit.up.sql!"},
        {FOLDER(POPX), "yugabyte", NULL,
         "popx: 20210101000000=20210101000000_a.up.sql 20210101000000000001=20210101000000000001_b.postgres.up.sql 4="},
        {FOLDER("2/1_a.postgres.up.sql", "", "1/1/1_a.down.sql", "", "1/2_b.up.sql", "", "2_b.down.sql", "", "1/x.sql", ""), NULL, "popx",
         "popx: 1=2/1_a.postgres.up.sql 2=1/2_b.up.sql"},
        {FOLDER("a/1_a.postgres.up.sql", "", "a/1_a.down.sql", ""), NULL, NULL, "popx: 1=a/1_a.postgres.up.sql"},
        {FOLDER("old/1_a.postgres.up.sql", "", "old/1_a.down.sql", "", "1_b.up.sql", ""), NULL, NULL, "pair: 1=1_b.up.sql-"},
        {FOLDER("1_a.postgres.up.sql", ""), NULL, NULL,
         "m/1_a.postgres.up.sql: migration 1 has no corresponding down migration"},
        {FOLDER("20251104000000000000_x.postgres.up.sql", "", "20251104000000000000_x.down.sql", "",
                "20251105000000000003_identity_id_not_null_fks.postgres.up.sql", "",
                "20251105000000000003_identity_id_not_null_fks.down.sql", ""), NULL, NULL,
         "popx: 20251104000000000000=20251104000000000000_x.postgres.up.sql "
         "20251105000000000001=20251105000000000001_identity_id_not_null_fks (built in) "
         "20251105000000000002=20251105000000000002_identity_id_not_null_fks (built in) "
         "20251105000000000003="},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(pairs_are_numbers)
{
    const Case cases[] = {
        {FOLDER("10_c.up.sql", "", "10_c.down.sql", "", "1_a.up.sql", "", "002_b.down.sql", ""), NULL, NULL,
         "pair: 1=1_a.up.sql- 002=002_b.down.sql 10=10_c.up.sql"},
        {FOLDER("01_a.up.sql", "", "1_b.up.sql", ""), NULL, NULL,
         "m/1_b.up.sql: duplicate migration file: 1_b.up.sql | m/01_a.up.sql is of the same version"},
        {FOLDER("1_a.b.c.up.sql", ""), NULL, NULL, "pair: 1=1_a.b.c.up.sql-"},
        {FOLDER("20260515_a.up.sql", "", "20260514093000_b.up.sql", ""), NULL, NULL,
         "pair: 20260515=20260515_a.up.sql- 20260514093000=20260514093000_b.up.sql-"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(dbmate_has_two_blocks)
{
    const Case cases[] = {
        {FOLDER("2_b.sql", "-- migrate:up\n--migrate:down\n", "1_a.sql", "-- hello\n\n--  migrate:up transaction:false\n-- migrate:down\n"),
         NULL, "dbmate", "dbmate: 1=1_a.sql! 2=2_b.sql"},
        {FOLDER("1_a.sql", "-- migrate:up\n"), NULL, "dbmate",
         "m/1_a.sql: dbmate requires each migration to define a down block with '-- migrate:down'"},
        {FOLDER("1_a.sql", "SELECT 1;\n-- migrate:up\n-- migrate:down\n"), NULL, "dbmate",
         "m/1_a.sql:1: dbmate does not support statements preceding the '-- migrate:up' block"},
        {FOLDER("10_b.sql", "-- migrate:up\n-- migrate:down\n", "9_a.sql", "-- migrate:up\n-- migrate:down\n"), NULL, "dbmate",
         "dbmate: 10=10_b.sql 9=9_a.sql"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(goose_reads_its_annotations)
{
    const Case cases[] = {
        {FOLDER("1_a.sql", UP "-- +goose Down\n", "00002_b.sql", UP "-- +goose NO TRANSACTION\n", "3_c.go", ""), NULL, NULL,
         "goose: 1=1_a.sql 00002=00002_b.sql-! 3=3_c.go-"},
        {FOLDER("1_a.sql", "-- +goose up\n", "2_b.sql", UP), NULL, NULL, "goose: 1=1_a.sql- 2=2_b.sql-"},
        {FOLDER("1_a.sql", "SELECT 1;\n" UP), NULL, NULL, "m/1_a.sql:1: a statement stands before \"-- +goose Up\""},
        {FOLDER("1_a.sql", "-- +goose Down\n" UP), NULL, NULL, "m/1_a.sql:1: \"-- +goose Down\" stands before"},
        {FOLDER("1_a.sql", UP "\n-- +goose Sideways\n"), NULL, NULL, "m/1_a.sql:3: goose knows no such annotation"},
        {FOLDER("1_a.sql", UP "\n" UP), NULL, NULL, "m/1_a.sql:3: there are two blocks of the same direction"},
        {FOLDER("1_a.sql", UP, "01_b.sql", UP), NULL, NULL, "duplicate migration file: 1_a.sql"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(flyway_orders_parts_of_versions)
{
    const Case cases[] = {
        {FOLDER("V1_10__c.sql", "", "V1_9__b.sql", "", "V1.2.3__a.sql", "", "sub/R__view.sql", "", "U1_9__b.sql", "",
                "B1_9__all.sql", "", "V2__d.java", ""), NULL, NULL,
         "flyway: 1.2.3=V1.2.3__a.sql- 1.9=V1_9__b.sql B1.9=B1_9__all.sql- 1.10=V1_10__c.sql- 2=V2__d.java- "
         "R__view=sub/R__view.sql-"},
        {FOLDER("V1__a.sql", "", "V01.0__b.sql", ""), NULL, NULL, "Found more than one migration with version 01.0 | -> m/V01.0__b.sql (SQL)\n-> m/V1__a.sql (SQL)"},
        {FOLDER("V1__a.sql", "", "V1__a.sql.conf", "executeInTransaction = false\n"), NULL, NULL, "flyway: 1=V1__a.sql-!"},
        {FOLDER("V1__a.sql", "", "V1__a.sql.conf", "encoding=ISO-8859-1\n"), NULL, NULL,
         "m/V1__a.sql.conf: the encoding \"ISO-8859-1\" is not read"},
        {FOLDER("V1__a.sql", "-- one\n-- ${nobody}\n"), NULL, NULL,
         "m/V1__a.sql:2: No value provided for placeholder: ${nobody}.  Check your configuration!"},
        {FOLDER("V1__a.sql", "-- ${nobody}\n", "V1__a.sql.conf", "placeholderReplacement=false"), NULL, NULL, "flyway: 1="},
        {FOLDER("postgres/V1__a.sql", "", "mysql/V1__a.sql", ""), NULL, NULL, "flyway: 1=postgres/V1__a.sql-"},
        {FOLDER("postgres/V1__a.sql", "", "mysql/V1__a.sql", ""), "mysql", NULL, "flyway: 1=mysql/V1__a.sql-"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(drizzle_goes_by_its_journal)
{
#define ENTRIES(text) "meta/_journal.json", "{\"dialect\":\"postgresql\",\"entries\":[" text "]}"
    const Case cases[] = {
        {FOLDER(ENTRIES("{\"tag\":\"0001_b\",\"when\":5},{\"tag\":\"0000_a\",\"when\":7}"), "0000_a.sql", "", "0001_b.sql", "",
                "0001_b.down.sql", "", "stray.sql", ""), NULL, NULL, "drizzle: 0001=0001_b.sql 0000=0000_a.sql-"},
        {FOLDER(ENTRIES("{\"tag\":\"0000_a\"}")), NULL, NULL,
         "m/meta/_journal.json: No file 0000_a.sql found"},
        {FOLDER(ENTRIES("")), "mysql", NULL, "m/meta/_journal.json: these migrations are for postgresql, not for mysql"},
        {FOLDER("meta/_journal.json", "{"), NULL, NULL, "m/meta/_journal.json: this is no journal of drizzle"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

START_TEST(sqitch_goes_by_its_plan)
{
#define PLAN(text) "sqitch.plan", "%project=a\n" text
#define WHEN "2026-01-01T00:00:00Z A <a@b>"
    const Case cases[] = {
        {FOLDER(PLAN("b " WHEN " # note\na [b !c x:y] " WHEN "\n@v1 " WHEN "\nb [b@v1 @v1] " WHEN "\n"),
                "deploy/a.sql", "", "deploy/b.sql", "", "deploy/b@v1.sql", "", "revert/a.sql", ""), NULL, NULL,
         "sqitch: b@v1=deploy/b@v1.sql- a=deploy/a.sql b=deploy/b.sql-"},
        {FOLDER(PLAN("a " WHEN "\n")), NULL, NULL, "there is no deploy/a.sql, and the plan names it"},
        {FOLDER(PLAN("a 2026 A <a@b>\n"), "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:2: this is no line of a plan: NAME [NEEDS] DATE PLANNER <MAIL>"},
        {FOLDER(PLAN("a [b] " WHEN "\n"), "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:2: \"a\" requires \"b\", which the plan does not have before it"},
        {FOLDER(PLAN("a " WHEN "\nb [a@v1] " WHEN "\n"), "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:3: \"b\" requires \"a@v1\", which the plan does not have before it"},
        {FOLDER(PLAN("a " WHEN "\nb [!a] " WHEN "\n"), "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:3: \"b\" conflicts with \"a\", which the plan has before it"},
        {FOLDER(PLAN("a " WHEN "\na [a] " WHEN "\n"), "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:3: \"a\" is in the plan already, in line 2, and no tag is between"},
        {FOLDER("sqitch.plan", "a " WHEN "\n", "deploy/a.sql", ""), NULL, NULL,
         "m/sqitch.plan:1: the plan does not say %project=NAME before its first change"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST
/* clang-format on */

/* It also seals the folders that it writes for others: they stay theirs. */
START_TEST(atlas_seals_for_others)
{
    const Case cases[] = {
        {FOLDER("1_a.up.sql", "", "1_a.down.sql", "", "atlas.sum", "h1:x=\n"), NULL,
         NULL, "pair: 1=1_a.up.sql"},
        {FOLDER("1_a.sql", "-- +goose Up\nSELECT 1;\n", "atlas.sum", "h1:x=\n"), NULL,
         NULL, "goose: 1=1_a.sql-"},
        {FOLDER("V1__a.sql", "SELECT 1;\n", "atlas.sum", "h1:x=\n"), NULL, NULL,
         "flyway: 1=V1__a.sql-"},
        {FOLDER("1_a.sql", "-- migrate:up\nSELECT 1;\n", "atlas.sum", "h1:x=\n"), NULL,
         NULL, "native: 1=1_a.sql-"},
    };

    cases_check(cases, LENGTH(cases));
}
END_TEST

/* Sums that Atlas itself would write for these two files. */
START_TEST(atlas_is_sealed)
{
    MEM_SCOPE(scope, NULL);
    const char *const sealed[] = {
        "1_a.sql", "SELECT 1;\n", "2_b.sql", "SELECT 2;\n", "atlas.sum", "", NULL};
    Migrations migrations;
    Case one = {.files = sealed};

    ck_assert_msg(strstr(case_read(scope, &one, &migrations), "checksum error") != NULL,
                  "an empty seal covers nothing");
    one.files = FOLDER("1_a.sql", "SELECT 1;\n", "atlas.sum",
                       "h1:V9Px1bouBIVfuWAOMdrOMvfuUsJkeoZdwOtivywry+U=\n"
                       "1_a.sql h1:oHx7vmeRbxB72kdSGUkFhE08red3y82zeqcbzCxkGjo=\n");
    ck_assert_str_eq(case_read(scope, &one, &migrations), "atlas: 1=1_a.sql-");
    ck_assert_str_eq(migrations.items[0].checksum,
                     "oHx7vmeRbxB72kdSGUkFhE08red3y82zeqcbzCxkGjo=");
}
END_TEST

static const char *
text_of(Mem *mem, const char *file, const char *text)
{
    const char *const files[] = {file, text, NULL};
    const Case one = {.files = files};
    Migrations migrations;
    const char *said = case_read(mem, &one, &migrations);

    ck_assert_msg(migrations.count == 1, "%s", said);
    return migrations.items[0].sections[0].text;
}

START_TEST(variables_stand_for_their_values)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(text_of(scope, "1_a.sql",
                             UP
                             "-- +goose ENVSUB ON\n'${REGION}$REGION${X:-x}${X}' $$;"),
                     "-- +goose ENVSUB ON\n'eueux' $$;");
    ck_assert_str_eq(text_of(scope, "1_a.sql", UP "'${REGION}'"), "'${REGION}'");
    ck_assert_str_eq(text_of(scope, "V1__a.sql", "-- ${owner} $x ${flyway:table}"),
                     "-- ann $x flyway_schema_history");
}
END_TEST

/* As java.util.zip.CRC32 gives them: over lines, whatever ends them. */
START_TEST(flyway_sums_lines)
{
    ck_assert_int_eq(flyway_checksum("", 0), 0);
    ck_assert_int_eq(flyway_checksum("goose", 5), (int32_t)4097083626u);
    ck_assert_int_eq(flyway_checksum("go\nose\n", 7), (int32_t)4097083626u);
    ck_assert_int_eq(flyway_checksum("go\r\nose\r", 8), (int32_t)4097083626u);
    ck_assert_int_eq(flyway_checksum("\xEF\xBB\xBFgoose", 8), (int32_t)4097083626u);
    ck_assert_int_ne(flyway_checksum("goose ", 6), (int32_t)4097083626u);
}
END_TEST

UNIT("layouts", a_folder_says_whose_it_is,
     a_folder_of_several_is_refused_with_what_does_not_belong,
     popx_prefers_the_file_for_the_engine_and_orders_texts, pairs_are_numbers,
     dbmate_has_two_blocks, goose_reads_its_annotations,
     flyway_orders_parts_of_versions, drizzle_goes_by_its_journal,
     sqitch_goes_by_its_plan, atlas_seals_for_others, atlas_is_sealed,
     variables_stand_for_their_values, flyway_sums_lines)
