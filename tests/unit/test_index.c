#include "core/indexes/index.h"

#include <string.h>

#include "base/mem.h"
#include "core/sql/sql.h"
#include "unit/unit.h"

#define VALID .valid = true, .ready = true, .live = true

typedef struct Case
{
    const char *what;
    IndexFound found;
    IndexMove build;
    IndexMove drop;
} Case;

/* clang-format off */
static const Case cases[] = {
    {"absent",                       {0},                                                                INDEX_RUN,   INDEX_RUN},
    {"absent, and we have begun",    {.ours = true},                                                     INDEX_RUN,   INDEX_DONE},
    {"a table has the name",         {.exists = true},                                                   INDEX_STOP,  INDEX_STOP},
    {"there and valid",              {.exists = true, .is_index = true, .same = true, VALID},            INDEX_DONE,  INDEX_RUN},
    {"another definition",           {.exists = true, .is_index = true, VALID},                          INDEX_STOP,  INDEX_RUN},
    {"built by us, said otherwise",  {.exists = true, .is_index = true, .ours = true, VALID},            INDEX_DONE,  INDEX_RUN},
    {"left before it was ready",     {.exists = true, .is_index = true, .same = true, .live = true},     INDEX_CLEAR, INDEX_RUN},
    {"left ready: it rejects rows",  {.exists = true, .is_index = true, .ours = true, .ready = true, .live = true}, INDEX_CLEAR, INDEX_RUN},
    {"somebody else's leftover",     {.exists = true, .is_index = true, .live = true},                   INDEX_STOP,  INDEX_RUN},
    {"dropped half way",             {.exists = true, .is_index = true, .same = true, .ready = true},    INDEX_CLEAR, INDEX_RUN},
    {"built right now",              {.exists = true, .is_index = true, .same = true, .live = true, .builder = 77}, INDEX_WAIT, INDEX_WAIT},
    {"built right now, otherwise",   {.exists = true, .is_index = true, .builder = 77},                  INDEX_WAIT,  INDEX_WAIT},
};
/* clang-format on */

START_TEST(what_is_there_decides)
{
    for (int i = 0; i < LENGTH(cases); i++)
    {
        IndexVerdict build = index_build_next(&cases[i].found);
        IndexVerdict drop = index_drop_next(&cases[i].found);

        ck_assert_msg(build.move == cases[i].build, "build: %s", cases[i].what);
        ck_assert_msg(drop.move == cases[i].drop, "drop: %s", cases[i].what);
        ck_assert_ptr_nonnull(build.why);
        ck_assert_ptr_nonnull(drop.why);
    }
}
END_TEST

START_TEST(servers_that_corrupt_indexes_are_refused)
{
    static const int bad[] = {140000, 140001, 140003};
    static const int good[] = {130010, 140004, 150020, 180000};
    Caps caps = {.engine = "postgres"};

    for (int i = 0; i < LENGTH(bad); i++)
    {
        caps.version = bad[i];
        ck_assert_ptr_nonnull(index_server_refuses(&caps));
    }
    for (int i = 0; i < LENGTH(good); i++)
    {
        caps.version = good[i];
        ck_assert_ptr_null(index_server_refuses(&caps));
    }
}
END_TEST

START_TEST(leftovers_of_reindex_are_known_by_name)
{
    static const char longest[] =
        "a_name_of_sixty_three_bytes_as_long_as_the_server_lets_them_be1";
    char clipped[64];

    ck_assert(index_is_reindex_leftover("orders_email_ccnew", "orders_email"));
    ck_assert(index_is_reindex_leftover("orders_email_ccold", "orders_email"));
    ck_assert(index_is_reindex_leftover("orders_email_ccnew12", "orders_email"));
    ck_assert(!index_is_reindex_leftover("orders_ccnew", "orders_email"));
    ck_assert(!index_is_reindex_leftover("orders_email", "orders_email"));
    ck_assert(!index_is_reindex_leftover("orders_email_ccnewer", "orders_email"));
    ck_assert(!index_is_reindex_leftover("other_email_ccnew", "orders_email"));
    ck_assert(!index_is_reindex_leftover("_ccnew", "orders_email"));
    ck_assert(!index_is_reindex_leftover("7", "7"));

    memcpy(clipped, longest, 57);
    memcpy(clipped + 57, "_ccnew", 7);
    ck_assert(index_is_reindex_leftover(clipped, longest));
    memcpy(clipped + 56, "_ccnew1", 8);
    ck_assert(index_is_reindex_leftover(clipped, longest));
}
END_TEST

typedef struct Shape
{
    bool same;
    const char *written;
    const char *there; /* as pg_get_indexdef says it */
} Shape;

/* clang-format off */
static const Shape shapes[] = {
    {true,  "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON orders (email)",  "CREATE INDEX i ON public.orders USING btree (email)"},
    {true,  "CREATE UNIQUE INDEX i ON shop.orders (lower(email) ASC NULLS LAST, n DESC NULLS FIRST)",
            "CREATE UNIQUE INDEX i ON shop.orders USING btree (lower(email), n DESC)"},
    {true,  "CREATE INDEX i ON orders (a) INCLUDE (b) WHERE n > 0",         "CREATE INDEX i ON public.orders USING btree (a) INCLUDE (b) WHERE (n > 0)"},
    {true,  "CREATE INDEX i ON orders USING gin (tags)",                    "CREATE INDEX i ON public.orders USING gin (tags)"},
    {false, "CREATE INDEX i ON orders (email)",                             "CREATE UNIQUE INDEX i ON public.orders USING btree (email)"},
    {false, "CREATE INDEX i ON orders (a, b)",                              "CREATE INDEX i ON public.orders USING btree (b, a)"},
    {false, "CREATE INDEX i ON orders (a DESC)",                            "CREATE INDEX i ON public.orders USING btree (a)"},
    {false, "CREATE INDEX i ON orders (a DESC)",                            "CREATE INDEX i ON public.orders USING btree (a DESC NULLS LAST)"},
    {false, "CREATE INDEX i ON orders (a) WHERE n > 0",                     "CREATE INDEX i ON public.orders USING btree (a) WHERE (n > 1)"},
    {false, "CREATE INDEX i ON orders USING hash (a)",                      "CREATE INDEX i ON public.orders USING btree (a)"},
    {false, "DROP INDEX i",                                                 "CREATE INDEX i ON public.orders USING btree (a)"},
};
/* clang-format on */

START_TEST(an_index_is_known_by_its_shape)
{
    for (int i = 0; i < LENGTH(shapes); i++)
        ck_assert_msg(sql_builds_index(shapes[i].written, shapes[i].there) ==
                          shapes[i].same,
                      "%s", shapes[i].written);
}
END_TEST

START_TEST(what_the_moment_is_to_blame_for_is_tried_again)
{
    Millis before = 0;

    ck_assert(!index_retry("23505", 1).again);
    ck_assert(!index_retry("57014", 1).again); /* somebody cancelled it on purpose */
    for (int failures = 1; failures <= 5; failures++)
    {
        IndexRetry retry = index_retry("40P01", failures);

        ck_assert(retry.again);
        ck_assert_int_gt(retry.rest_ms, before);
        before = retry.rest_ms;
    }
    ck_assert(!index_retry("40P01", 6).again);
}
END_TEST

UNIT("index", what_is_there_decides, what_the_moment_is_to_blame_for_is_tried_again,
     servers_that_corrupt_indexes_are_refused, leftovers_of_reindex_are_known_by_name,
     an_index_is_known_by_its_shape)
