#include <string.h>

#include "unit/fills.h"
#include "unit/unit.h"

static const char classic_expand[] = "ALTER TABLE identities ADD COLUMN new_email text";

/* What the catalog says of a table that the tests fill. */
static ColumnFact shop_columns[] = {
    {.name = "id", .type = "bigint"},
    {.name = "email", .type = "character varying(80)"},
    {.name = "Old", .type = "text"},
    {.name = "tags", .type = "character varying(9)[]"},
    {.name = "data", .type = "jsonb"},
    {.name = "price", .type = "numeric(10,2)"},
    {.name = "seen", .type = "timestamp with time zone"}};
static TableFact shop_tables[] = {{.asked = {NULL, "identities"},
                                   .name = {"public", "identities"},
                                   .exists = true,
                                   .columns = shop_columns,
                                   .column_count = LENGTH(shop_columns)}};
static FunctionFact shop_functions[] = {
    {"lower", "i"}, {"random", "v"}, {"to_char", "s"}, {"pg_catalog.now", "s"}};
static const Facts shop_facts = {.tables = shop_tables,
                                 .table_count = LENGTH(shop_tables),
                                 .functions = shop_functions,
                                 .function_count = LENGTH(shop_functions)};

static bool
resolve(Read *read)
{
    ck_assert_msg(read->good, "%s", read->err.text);
    return backfill_resolve(read, &read->migration, &shop_facts, &read->fill,
                            &read->err);
}

START_TEST(the_catalog_gives_types)
{
    MEM_SCOPE(scope, NULL);
    Read *read = read_given(
        scope,
        (Given){"ALTER TABLE identities ADD COLUMN short varchar(10), ADD n serial",
                "UPDATE identities SET short = lower(email), seen = NULL, n = 1",
                SYNC_OFF, NULL});

    ck_assert(resolve(read));
    ck_assert_str_eq(read->fill.assignments[0].type, "varchar(10)");
    ck_assert_str_eq(read->fill.assignments[1].type, "timestamp with time zone");
    ck_assert_ptr_null(read->fill.assignments[2].type);
    ck_assert(!read->fill.is_volatile);
}
END_TEST

START_TEST(a_column_that_nobody_has_is_named)
{
    MEM_SCOPE(scope, NULL);
    Read *read = read_given(scope, (Given){classic_expand,
                                           "UPDATE identities SET new_email = emial",
                                           SYNC_OFF, NULL});

    ck_assert(!resolve(read));
    ck_assert_str_eq(read->err.text,
                     "column \"emial\" of \"identities\" does not exist");
    ck_assert_str_eq(read->err.hint, "Did you mean \"email\"?");
    ck_assert_int_eq(read->err.kind, ERR_REFUSED);
    ck_assert_int_eq(read->err.line, 40);
    ck_assert(
        resolve(read_given(scope, (Given){.backfill = "UPDATE other SET a = b"})));
}
END_TEST

/* After half a contract the old column is gone, and the plan is made once more. */
START_TEST(what_contract_took_away_did_exist)
{
    MEM_SCOPE(scope, NULL);
    Read *read = read_given(
        scope,
        (Given){.backfill = "UPDATE identities SET email = gone WHERE email IS NULL"});
    Section sections[] = {
        read->sections[1],
        section_of(PHASE_CONTRACT, "ALTER TABLE identities DROP gone")};

    ck_assert(!resolve(read));
    section_read(scope, &sections[1]);
    read->migration.sections = sections;
    ck_assert(resolve(read));
}
END_TEST

START_TEST(values_that_change_need_a_where)
{
    MEM_SCOPE(scope, NULL);
    static const char *const endless[] = {"random()", "CURRENT_TIMESTAMP",
                                          "unheard_of()"};
    static const char *const settled[] = {"NULL", "lower(email)", "to_char(id, '9')"};

    for (int i = 0; i < LENGTH(endless) + LENGTH(settled); i++)
    {
        bool changes = i < LENGTH(endless);
        const char *value = changes ? endless[i] : settled[i - LENGTH(endless)];
        Read *all = read_given(
            scope, (Given){.backfill = mem_text(
                               scope, "UPDATE identities SET email = %s", value)});
        Read *some = read_given(
            scope,
            (Given){.backfill = mem_text(scope,
                                         "UPDATE identities SET email = %s WHERE "
                                         "email IS NULL AND random() < 2",
                                         value)});

        ck_assert_msg(resolve(all) == !changes, "%s", value);
        ck_assert_msg(resolve(some), "%s", value);
        ck_assert_msg(some->fill.is_volatile == changes, "%s", value);
    }
}
END_TEST

START_TEST(not_done_compares_what_would_be_stored)
{
    MEM_SCOPE(scope, NULL);
    Backfill *fill = fill_of(
        scope, (Given){.backfill = "UPDATE t SET cents = price * 100, \"Doc\" = raw "
                                   "WHERE cents IS NULL OR \"Doc\" IS NULL"});

    fill->assignments[0].type = "integer";
    fill->assignments[1].type = "pg_catalog.json";
    ck_assert_str_eq(sql_not_done(scope, fill, ROW_NEW, false).text,
                     "((new.cents IS NULL OR new.\"Doc\" IS NULL) AND "
                     "(new.cents IS DISTINCT FROM CAST(new.price * 100 AS integer) OR "
                     "CAST(new.\"Doc\" AS pg_catalog.text) IS DISTINCT FROM "
                     "CAST(CAST(new.raw AS pg_catalog.json) AS pg_catalog.text)))");
    ck_assert_str_eq(sql_not_done(scope, fill, ROW_BARE, true).text,
                     "(cents IS NULL OR \"Doc\" IS NULL)");
    ck_assert_str_eq(sql_distinct(scope, "a", "b", "public.citext").text,
                     "CAST(a AS pg_catalog.text) IS DISTINCT FROM "
                     "CAST(CAST(b AS public.citext) AS pg_catalog.text)");
    ck_assert_str_eq(sql_distinct(scope, "a", "b", "jsonb").text,
                     "a IS DISTINCT FROM CAST(b AS jsonb)");

    fill->where.text = NULL;
    fill->assignment_count = 0;
    ck_assert_str_eq(sql_not_done(scope, fill, ROW_BARE, true).text, "true");
}
END_TEST

typedef struct Valued
{
    const char *type;
    const char *value;
    const char *where;
    bool by_sources;
} Valued;

/* clang-format off */
static const Valued values[] = {
    {"text",    "'item ' || id",                   "made IS NULL",             true},
    {"text",    "lower(email) || '/' || \"Old\"",  "made IS NULL AND id > 7",  true},
    {"text",    "email",                           "made IS NULL",             true},
    {"text",    "trim(email) OPERATOR(pg_catalog.||) id", "made IS NULL",      true},
    {"numeric", "price * 100 + id",                "made IS NULL",             true},
    {"text",    "email",                           "made IS NULL OR id > 7",   false},
    {"text",    "email",                           "\"Old\" IS NULL",          false},
    {"text",    "email",                           "made IS NOT NULL",         false},
    {"text",    "email",                           "NOT (made IS NULL)",       false},
    {"text",    "'same'",                          "made IS NULL",             false},
    {"text",    "'item ' || NULL || email",        "made IS NULL",             false},
    {"text",    "coalesce(email, \"Old\")",        "made IS NULL",             false},
    {"text",    "nullif(email, 'x')",              "made IS NULL",             false},
    {"text",    "data ->> 'email'",                "made IS NULL",             false},
    {"text",    "'item ' || tags",                 "made IS NULL",             false},
    {"text",    "app.lower(email)",                "made IS NULL",             false},
    {"text",    "email OPERATOR(app.||) 'x'",      "made IS NULL",             false},
    {"text",    "id::text",                        "made IS NULL",             false},
    {"text",    "(SELECT email)",                  "made IS NULL",             false},
    {"bigint",  "id / 7",                          "made IS NULL",             false},
    {"integer", "email",                           "made IS NULL",             false},
    {"serial",  "id + 1",                          "made IS NULL",             false},
    {"email",   "email",                           "made IS NULL",             false},
};
/* clang-format on */

START_TEST(some_values_are_null_only_where_a_column_is)
{
    for (int i = 0; i < LENGTH(values); i++)
    {
        MEM_SCOPE(scope, NULL);
        const Valued *given = &values[i];
        Read *read = read_given(
            scope,
            (Given){
                .expand =
                    mem_text(scope, "ALTER TABLE identities ADD made %s", given->type),
                .backfill = mem_text(scope, "UPDATE identities SET made = %s WHERE %s",
                                     given->value, given->where),
                .sync = SYNC_OFF});

        ck_assert_msg(resolve(read), "%s: %s", given->value, read->err.text);
        ck_assert_msg(read->fill.null_by_sources == given->by_sources, "%s WHERE %s",
                      given->value, given->where);
    }
}
END_TEST

START_TEST(then_their_columns_are_asked_for)
{
    MEM_SCOPE(scope, NULL);
    Read *read = read_given(
        scope, (Given){.expand = "ALTER TABLE identities ADD made text",
                       .backfill = "UPDATE identities SET made = \"Old\" || email "
                                   "WHERE made IS NULL AND id > 7"});

    ck_assert(resolve(read));
    ck_assert_str_eq(sql_sources_given(scope, &read->fill).text,
                     "((made IS NULL AND id > 7) AND \"Old\" IS NOT NULL AND email IS "
                     "NOT NULL)");
}
END_TEST

UNIT("resolve", the_catalog_gives_types, a_column_that_nobody_has_is_named,
     what_contract_took_away_did_exist, values_that_change_need_a_where,
     not_done_compares_what_would_be_stored,
     some_values_are_null_only_where_a_column_is, then_their_columns_are_asked_for)
