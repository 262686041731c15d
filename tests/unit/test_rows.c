#include "db/rows.h"
#include "unit/unit.h"

#include <string.h>

typedef struct Thing
{
    char *name;
    char *note;
    int64_t number;
    int64_t pages;
    double share;
    bool valid;
    char **columns;
    int column_count;
} Thing;

static const Column thing_columns[] = {
    COLUMN(TEXT, Thing, name),
    COLUMN(TEXT_OR_NULL, Thing, note),
    COLUMN(INT64, Thing, number),
    COLUMN_AS(INT64_OR_MINUS, Thing, pages, "relpages"),
    COLUMN(DOUBLE_OR_MINUS, Thing, share),
    COLUMN(BOOL, Thing, valid),
    COLUMN_LIST(Thing, columns, column_count),
};

/* Another order than the table's: columns are found by name. */
static const char *names[] = {"valid", "columns", "number",  "note",
                              "name",  "share",   "relpages"};

static Rows
rows_of(const char **cells, int count)
{
    return (Rows){"things", names, LENGTH(names), cells, count, 0};
}

static bool
decode(Mem *mem, const char **cells, Thing *thing, Err *err)
{
    Rows rows = rows_of(cells, 1);

    return rows_one(mem, &rows, thing_columns, LENGTH(thing_columns), thing, err);
}

START_TEST(columns_are_found_by_name)
{
    MEM_SCOPE(scope, NULL);
    const char *cells[] = {
        "t",   "{a,\"b, \\\"c\\\"\",NULL}",
        "-7",  NULL,
        "one", "0.5",
        NULL,  "f",
        NULL,  "42",
        "x",   "two",
        NULL,  "9",
    };
    Rows rows = rows_of(cells, 2);
    Thing *things;
    int count;
    Err err = {0};

    ck_assert(rows_decode(scope, &rows, thing_columns, LENGTH(thing_columns),
                          sizeof(Thing), (void **)&things, &count, &err));
    ck_assert_int_eq(count, 2);
    ck_assert_str_eq(things[0].name, "one");
    ck_assert_ptr_null(things[0].note);
    ck_assert_int_eq(things[0].number, -7);
    ck_assert_int_eq(things[0].pages, -1);
    ck_assert(things[0].share == 0.5 && things[0].valid);
    ck_assert_int_eq(things[0].column_count, 3);
    ck_assert_str_eq(things[0].columns[0], "a");
    ck_assert_str_eq(things[0].columns[1], "b, \"c\"");
    ck_assert_str_eq(things[0].columns[2], "");
    ck_assert_str_eq(things[1].note, "x");
    ck_assert(things[1].share == -1 && !things[1].valid);
    ck_assert_int_eq(things[1].pages, 9);
    ck_assert_int_eq(things[1].column_count, 0);
}
END_TEST

START_TEST(errors_name_query_column_and_row)
{
    MEM_SCOPE(scope, NULL);
    const char *missing_value[] = {"t", "{}", "1", NULL, NULL, "0", "1"};
    const char *no_number[] = {"t", "{}", "1x", NULL, "n", "0", "1"};
    const char *too_big[] = {"t", "{}", "9223372036854775808", NULL, "n", "0", "1"};
    const char *no_bool[] = {"true", "{}", "1", NULL, "n", "0", "1"};
    Thing thing;
    Err err = {0};

    ck_assert(!decode(scope, missing_value, &thing, &err));
    ck_assert_str_eq(err.text, "query \"things\": column \"name\" of row 1 is null");
    ck_assert(!decode(scope, no_number, &thing, &err));
    ck_assert_str_eq(err.text,
                     "query \"things\": column \"number\" of row 1 is no whole number");
    ck_assert(!decode(scope, too_big, &thing, &err));
    ck_assert(!decode(scope, no_bool, &thing, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "\"valid\""));
    ck_assert_int_eq(err.kind, ERR_INTERNAL);
    err_clear(&err);
}
END_TEST

START_TEST(a_column_that_is_not_there_is_an_error)
{
    MEM_SCOPE(scope, NULL);
    const char *some_names[] = {"name"};
    const char *cells[] = {"one"};
    Rows rows = {"things", some_names, 1, cells, 1, 0};
    Thing thing;
    Err err = {0};

    ck_assert(
        !rows_one(scope, &rows, thing_columns, LENGTH(thing_columns), &thing, &err));
    ck_assert_str_eq(err.text, "query \"things\" gives no column \"note\"");
    err_clear(&err);
}
END_TEST

START_TEST(one_row_means_one_row)
{
    MEM_SCOPE(scope, NULL);
    Rows rows = rows_of(NULL, 0);
    Thing thing;
    Err err = {0};

    ck_assert(
        !rows_one(scope, &rows, thing_columns, LENGTH(thing_columns), &thing, &err));
    ck_assert_str_eq(err.text, "query \"things\" gave 0 rows instead of one");
    err_clear(&err);
}
END_TEST

START_TEST(lists_are_read_as_the_server_writes_them)
{
    static const struct
    {
        const char *text;
        int count; /* -1: refused */
        const char *last;
    } lists[] = {
        {"{}", 0, NULL},
        {"{a}", 1, "a"},
        {"{\"\"}", 1, ""},
        {"{\"NULL\"}", 1, "NULL"},
        {"{NULL}", 1, ""},
        {"{a,\"x}y\"}", 2, "x}y"},
        {"{\"back\\\\slash\"}", 1, "back\\slash"},
        {"{schöne,größe}", 2, "größe"},
        {"", -1, NULL},
        {"a,b", -1, NULL},
        {"{a", -1, NULL},
        {"{a,", -1, NULL},
        {"{\"a", -1, NULL},
        {"{{a},{b}}", -1, NULL},
        {"{\"a\"b}", -1, NULL},
    };

    for (int i = 0; i < LENGTH(lists); i++)
    {
        MEM_SCOPE(scope, NULL);
        const char *cells[] = {"t", lists[i].text, "1", NULL, "n", "0", "1"};
        Thing thing;
        Err err = {0};
        bool good = decode(scope, cells, &thing, &err);

        ck_assert_msg(good == (lists[i].count >= 0), "%s", lists[i].text);
        err_clear(&err);
        if (!good)
            continue;
        ck_assert_int_eq(thing.column_count, lists[i].count);
        if (lists[i].last != NULL)
            ck_assert_str_eq(thing.columns[thing.column_count - 1], lists[i].last);
    }
}
END_TEST

START_TEST(single_cells_are_read_by_name)
{
    const char *cells[] = {"t", "{}", "12", NULL, "one", "0", "1"};
    Rows rows = rows_of(cells, 1);

    ck_assert_str_eq(rows_cell(&rows, 0, "name"), "one");
    ck_assert_ptr_null(rows_cell(&rows, 0, "note"));
    ck_assert_int_eq(rows_int(&rows, 0, "number"), 12);
    ck_assert(rows_bool(&rows, 0, "valid"));
}
END_TEST

UNIT("rows", columns_are_found_by_name, errors_name_query_column_and_row,
     a_column_that_is_not_there_is_an_error, one_row_means_one_row,
     lists_are_read_as_the_server_writes_them, single_cells_are_read_by_name)
