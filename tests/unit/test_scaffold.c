#include "core/files/scaffold.h"

#include <string.h>

#include "core/layouts/layout.h"
#include "unit/sources.h"
#include "unit/unit.h"

#define MAY_15 INT64_C(1778837400000000) /* 2026-05-15 09:30 UTC */

/* Makes it, and reads what it made as the folder that it would become. */
static Migrations
make_and_read(Mem *mem, ScaffoldWish wish, Scaffold *scaffold)
{
    LIST(SourceFile) files = {0};
    Migrations migrations;
    Err err = {0};

    wish.wall_us = MAY_15;
    ck_assert(scaffold_make(mem, &wish, scaffold, &err));
    for (int i = 0; i < scaffold->count; i++)
        *list_add(mem, &files) =
            source_of(mem, scaffold->files[i].name, scaffold->files[i].text);

    SourceFiles folder = {.items = files.items, .count = files.count};

    ck_assert_msg(native_folder(mem, &folder, "postgres", &migrations, &err), "%s",
                  err_line(mem, &err));
    ck_assert_int_eq(migrations.count, 1);
    return migrations;
}

static bool
has(const Migrations *migrations, Phase phase, bool down)
{
    return migration_section(&migrations->items[0], phase, down) != NULL;
}

START_TEST(a_new_migration_can_be_read_at_once)
{
    MEM_SCOPE(scope, NULL);
    Scaffold scaffold;
    Migrations made =
        make_and_read(scope, (ScaffoldWish){.name = "add_role"}, &scaffold);

    ck_assert_int_eq(scaffold.count, 1);
    ck_assert_str_eq(scaffold.version, "20260515093000");
    ck_assert_str_eq(scaffold.files[0].name, "20260515093000_add_role.sql");
    ck_assert(has(&made, PHASE_UP, false) && has(&made, PHASE_UP, true));

    made =
        make_and_read(scope, (ScaffoldWish){.name = "a", .up_only = true}, &scaffold);
    ck_assert_int_eq(made.items[0].section_count, 1);
    ck_assert(has(&made, PHASE_UP, false));

    made = make_and_read(scope, (ScaffoldWish){.name = "a", .phases = true}, &scaffold);
    ck_assert_int_eq(scaffold.count, 1);
    ck_assert_int_eq(made.items[0].section_count, 4);
    ck_assert(has(&made, PHASE_BACKFILL, false) && has(&made, PHASE_EXPAND, true));
}
END_TEST

START_TEST(a_split_one_says_the_same_in_file_names)
{
    MEM_SCOPE(scope, NULL);
    Scaffold scaffold;
    Migrations made = make_and_read(
        scope, (ScaffoldWish){.name = "a", .phases = true, .split = true}, &scaffold);

    ck_assert_int_eq(scaffold.count, 4);
    ck_assert_str_eq(scaffold.files[3].name, "20260515093000_a.expand.down.sql");
    ck_assert_int_eq(made.items[0].section_count, 4);

    made = make_and_read(scope, (ScaffoldWish){.name = "a", .split = true}, &scaffold);
    ck_assert_int_eq(scaffold.count, 2);
    ck_assert_str_eq(scaffold.files[0].name, "20260515093000_a.up.sql");
    ck_assert(has(&made, PHASE_UP, false) && has(&made, PHASE_UP, true));
}
END_TEST

START_TEST(names_become_file_names)
{
    /* clang-format off */
    static const struct { const char *typed, *file; } rows[] = {
        {"Split e-mail",          "19700101000000_split_e_mail.sql"},
        {"  ../../etc/passwd ",   "19700101000000_etc_passwd.sql"},
        {"a__b..c",               "19700101000000_a_b_c.sql"},
        {"Gr\xC3\xB6\xC3\x9F" "e",   "19700101000000_gr_e.sql"},
        {"2fa",                   "19700101000000_2fa.sql"},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);

    for (int i = 0; i < LENGTH(rows); i++)
    {
        ScaffoldWish wish = {.name = rows[i].typed};
        Scaffold scaffold;
        Err err = {0};

        ck_assert(scaffold_make(scope, &wish, &scaffold, &err));
        ck_assert_str_eq(scaffold.files[0].name, rows[i].file);
    }
}
END_TEST

START_TEST(a_wish_that_cannot_be_is_refused)
{
    MEM_SCOPE(scope, NULL);
    char longest[200] = {0};

    memset(longest, 'a', sizeof(longest) - 1);

    /* clang-format off */
    const struct { ScaffoldWish wish; const char *says; } rows[] = {
        {{.name = NULL}, "a new migration needs a name | For example: pgstride new add_role."},
        {{.name = ""}, "the name \"\" has no letter and no digit"},
        {{.name = "./-"}, "the name \"./-\" has no letter and no digit"},
        {{.name = longest}, "the name is longer than 120 bytes"},
        {{.name = "a", .up_only = true, .phases = true},
         "--up-only and --phases exclude each other"},
    };
    /* clang-format on */

    for (int i = 0; i < LENGTH(rows); i++)
    {
        Scaffold scaffold;
        Err err = {0};

        ck_assert(!scaffold_make(scope, &rows[i].wish, &scaffold, &err));
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_str_eq(err_line(scope, &err), rows[i].says);
    }
}
END_TEST

START_TEST(versions_are_utc)
{
    MEM_SCOPE(scope, NULL);

    ck_assert_str_eq(scaffold_version(scope, 0), "19700101000000");
    ck_assert_str_eq(scaffold_version(scope, MAY_15 + 999999), "20260515093000");
}
END_TEST

UNIT("scaffold", a_new_migration_can_be_read_at_once,
     a_split_one_says_the_same_in_file_names, names_become_file_names,
     a_wish_that_cannot_be_is_refused, versions_are_utc)
