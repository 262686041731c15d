#include "core/files/version.h"
#include "unit/sources.h"
#include "unit/unit.h"

START_TEST(dates_are_padded_and_numbers_are_numbers)
{
    /* clang-format off */
    static const struct { const char *low, *high; } pairs[] = {
        {"9", "10"},
        {"0009", "10"},
        {"20260515", "20260515000001"},
        {"20260515", "202605150001"},
        {"202605150930", "20260515093001"},
        {"20260514235959", "20260515"},
        {"19991231", "20000101"},
        {"99999999999999", "100000000000000"},
        {"20260515", "20150100000001000000"},
        {"18991231", "20260515"},
        {"0", "1"},
        {"123456789012345678901234567890", "123456789012345678901234567891"},
    };
    /* clang-format on */

    for (int i = 0; i < LENGTH(pairs); i++)
    {
        ck_assert_msg(version_compare(pairs[i].low, pairs[i].high) < 0, "%s < %s",
                      pairs[i].low, pairs[i].high);
        ck_assert_msg(version_compare(pairs[i].high, pairs[i].low) > 0, "%s > %s",
                      pairs[i].high, pairs[i].low);
    }
}
END_TEST

START_TEST(the_same_version_has_the_same_key)
{
    ck_assert_int_eq(version_compare("01", "1"), 0);
    ck_assert_int_eq(version_compare("0", "000"), 0);
    ck_assert_int_eq(version_compare("20260515", "20260515000000"), 0);
    ck_assert_int_eq(version_compare("202605150000", "20260515"), 0);
    ck_assert_int_ne(version_compare("2026051", "20260510"), 0);
    /* Ten digits are a number, whatever they begin with. */
    ck_assert_int_ne(version_compare("2026051500", "20260515"), 0);
}
END_TEST

START_TEST(only_digits_are_a_version)
{
    ck_assert(version_valid("20260515"));
    ck_assert(version_valid("0"));
    ck_assert(!version_valid(""));
    ck_assert(!version_valid("1a"));
    ck_assert(!version_valid("-1"));
}
END_TEST

/* A folder of three dates and two numbers. */
static Migrations
folder(Mem *mem)
{
    /* clang-format off */
    static const char *const names[][2] = {
        {"7", "tiny"}, {"10", "ten"}, {"20260515", "split_email"},
        {"20260520093000", "add_role"}, {"20260520101500", "add_team"}};
    /* clang-format on */
    Migrations migrations = {.items = mem_array(mem, Migration, LENGTH(names))};

    for (int i = 0; i < LENGTH(names); i++)
    {
        Migration *migration = &migrations.items[migrations.count++];

        migration->version = names[i][0];
        migration->name = names[i][1];
        migration->sort_key = version_sort_key(mem, names[i][0]);
        migration->label = mem_text(mem, "%s_%s", names[i][0], names[i][1]);
        migration->file = mem_text(mem, "%s.sql", migration->label);
    }
    return migrations;
}

START_TEST(a_migration_is_found_by_what_people_type)
{
    /* clang-format off */
    static const struct { const char *typed, *label; } pairs[] = {
        {"20260515", "20260515_split_email"},
        {"20260515000000", "20260515_split_email"},
        {"20260515_split_email", "20260515_split_email"},
        {"20260515_split_email.sql", "20260515_split_email"},
        {"2026052009", "20260520093000_add_role"},
        {"0007", "7_tiny"},
        {"10", "10_ten"},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);
    Migrations migrations = folder(scope);

    for (int i = 0; i < LENGTH(pairs); i++)
    {
        const Migration *found = NULL;
        Err err = {0};

        ck_assert(version_find(&migrations, pairs[i].typed, &found, &err));
        ck_assert_str_eq(found->label, pairs[i].label);
    }
}
END_TEST

START_TEST(what_may_mean_several_or_none_is_an_error)
{
    /* clang-format off */
    static const struct { const char *typed, *says; } pairs[] = {
        {"20260520", "\"20260520\" may mean any of 2 migrations: "
                     "20260520093000_add_role, 20260520101500_add_team"},
        {"202605",   "\"202605\" may mean any of 3 migrations: 20260515_split_email, "
                     "20260520093000_add_role, 20260520101500_add_team"},
        {"202",      "no migration has the version \"202\""},
        {"1",        "no migration has the version \"1\""},
        {"20260516", "no migration has the version \"20260516\" | Did you mean 20260515?"},
        {"",         "no migration has the version \"\""},
    };
    /* clang-format on */
    MEM_SCOPE(scope, NULL);
    Migrations migrations = folder(scope);

    for (int i = 0; i < LENGTH(pairs); i++)
    {
        const Migration *found = NULL;
        Err err = {0};

        ck_assert(!version_find(&migrations, pairs[i].typed, &found, &err));
        ck_assert_ptr_null(found);
        ck_assert_int_eq(err.kind, ERR_USAGE);
        ck_assert_str_eq(err_line(scope, &err), pairs[i].says);
    }
}
END_TEST

UNIT("version", dates_are_padded_and_numbers_are_numbers,
     the_same_version_has_the_same_key, only_digits_are_a_version,
     a_migration_is_found_by_what_people_type,
     what_may_mean_several_or_none_is_an_error)
