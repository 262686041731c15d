#include "core/files/validate.h"

#include <string.h>

#include "core/layouts/layout.h"
#include "unit/sources.h"
#include "unit/unit.h"

/* m/1_a.sql with that text, validated: the error as one line without its hint, or "".
 */
static const char *
validate(Mem *mem, const char *text)
{
    const char *const folder[] = {"1_a.sql", text, NULL};
    SourceFiles files = sources_of(mem, folder);
    Migrations migrations;
    Err err = {0};

    ck_assert_msg(native_folder(mem, &files, "postgres", &migrations, &err), "%s",
                  err_line(mem, &err));

    bool good = migration_validate(mem, &migrations.items[0], true, &err);
    const char *said = err_line(mem, &err);

    ck_assert(good == (said[0] == '\0'));
    return mem_slice(mem, said, strcspn(said, "|"));
}

START_TEST(the_classic_example_is_valid)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(
        validate(scope,
                 "-- migrate:expand\n"
                 "ALTER TABLE identities ADD COLUMN new_email text;\n"
                 "-- migrate:backfill sync:both\n"
                 "UPDATE identities SET new_email = email WHERE new_email IS NULL;\n"
                 "-- migrate:contract\n"
                 "ALTER TABLE identities ALTER COLUMN new_email SET NOT NULL;\n"
                 "ALTER TABLE identities DROP COLUMN email;\n"
                 "ALTER TABLE identities RENAME COLUMN new_email TO email;\n"
                 "-- migrate:down expand\n"
                 "ALTER TABLE identities DROP COLUMN new_email;\n"),
        "");
}
END_TEST

START_TEST(a_backfill_holds_data_and_what_relies_on_it)
{
    /* clang-format off */
    static const struct { const char *text, *says; } rows[] = {
        {"UPDATE a SET b = c WHERE b IS NULL;\nDELETE FROM d WHERE e;", ""},
        {"UPDATE a SET b = c WHERE b IS NULL;\nCREATE INDEX CONCURRENTLY ON a (b);\n"
         "ALTER TABLE a ADD CONSTRAINT k CHECK (b > 0) NOT VALID;\n"
         "ALTER TABLE a VALIDATE CONSTRAINT k;", ""},
        {"CREATE INDEX ON a (b);\n-- migrate:backfill\nUPDATE a SET b = c WHERE b IS NULL;", ""},
        {"", ""},
        {"\nSELECT 1;", "m/1_a.sql:3: a backfill section cannot hold SELECT "},
        {"INSERT INTO a SELECT * FROM b;", "m/1_a.sql:2: a backfill section cannot hold INSERT "},
        {"UPDATE a SET b = c;\nALTER TABLE a ADD CONSTRAINT k CHECK (b > 0), DROP COLUMN c;",
         "m/1_a.sql:3: a backfill section cannot hold DROP COLUMN "},
        {"CREATE INDEX ON a (b);\n\nUPDATE a SET b = c WHERE b IS NULL;",
         "m/1_a.sql:4: UPDATE stands after an index or a constraint "},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
        ck_assert_str_eq(
            validate(scope, mem_text(scope, "-- migrate:backfill\n%s", rows[i].text)),
            rows[i].says);
}
END_TEST

START_TEST(broken_sql_is_named_by_file_and_line)
{
    /* clang-format off */
    static const struct { const char *text, *place; } rows[] = {
        {"-- migrate:up\nSELECT 1;\nSELEC 2;", "m/1_a.sql:3: "},
        {"-- migrate:up\n\\connect other", "m/1_a.sql:2: "},
        {"-- migrate:up\nSELECT {{ .Name }};", "m/1_a.sql:2: "},
        {"-- migrate:up\nSELECT 1;\nCOMMIT;", "m/1_a.sql:3: "},
        {"-- migrate:up\n\n-- migrate:down\r\nDROP\r\nTABL a;", "m/1_a.sql:5: "},
        {"-- migrate:backfill\nUPDATE a SET b = 1 WHERE c IN (SELECT c FROM a LIMIT 9);",
         "m/1_a.sql:2: "},
        {"-- migrate:backfill\nUPDATE a SET b = 1 RETURNING b;", "m/1_a.sql:2: "},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        const char *said = validate(scope, rows[i].text);

        ck_assert_msg(strncmp(said, rows[i].place, strlen(rows[i].place)) == 0,
                      "%s of: %s", said, rows[i].text);
    }
}
END_TEST

UNIT("validate", the_classic_example_is_valid,
     a_backfill_holds_data_and_what_relies_on_it, broken_sql_is_named_by_file_and_line)
