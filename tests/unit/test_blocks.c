#include "core/backfill/blocks.h"
#include "unit/unit.h"

#include <stdlib.h>
#include <string.h>

#define TABLE 64

START_TEST(ranges_that_touch_become_one)
{
    MEM_SCOPE(scope, NULL);
    Blocks set = {0};

    blocks_add(scope, &set, (BlockRange){12, 13});
    blocks_add(scope, &set, (BlockRange){3, 5});
    blocks_add(scope, &set, (BlockRange){5, 7});
    ck_assert_str_eq(blocks_show(scope, &set), "{[3,7),[12,13)}");
    ck_assert_int_eq(blocks_total(&set), 5);
    blocks_add(scope, &set, (BlockRange){0, 20});
    ck_assert_str_eq(blocks_show(scope, &set), "{[0,20)}");
    blocks_remove(scope, &set, (BlockRange){4, 5});
    ck_assert_str_eq(blocks_show(scope, &set), "{[0,4),[5,20)}");
    blocks_remove(scope, &set, (BlockRange){6, INT64_MAX});
    ck_assert_str_eq(blocks_show(scope, &set), "{[0,4),[5,6)}");
    blocks_add(scope, &set, (BlockRange){9, 9});
    ck_assert_str_eq(blocks_show(scope, &set), "{[0,4),[5,6)}");
}
END_TEST

/* What the server sends back may have been edited by a person. */
START_TEST(only_the_written_form_is_read)
{
    static const char *const bad[] = {"",
                                      "{",
                                      "[3,7)",
                                      "{[3,7]}",
                                      "{[7,3)}",
                                      "{[3,7),}",
                                      "{[3,7)}x",
                                      "{(3,7)}",
                                      "{[-1,7)}",
                                      "{[3,7)[8,9)}",
                                      "{[,7)}",
                                      "{empty}",
                                      "{[1,99999999999999999999)}"};
    MEM_SCOPE(scope, NULL);
    Blocks set;

    for (int i = 0; i < LENGTH(bad); i++)
        ck_assert_msg(!blocks_read(scope, bad[i], &set), "read: %s", bad[i]);
    ck_assert(blocks_read(scope, "{}", &set) && set.count == 0);
    ck_assert(blocks_read(scope, "{[3,7),[12,13)}", &set));
    ck_assert_str_eq(blocks_show(scope, &set), "{[3,7),[12,13)}");
}
END_TEST

/* Against a plain array of flags, many times. */
START_TEST(a_random_walk_agrees_with_flags)
{
    srand(11);
    for (int round = 0; round < 200; round++)
    {
        MEM_SCOPE(scope, NULL);
        bool flags[TABLE] = {false};
        Blocks set = {0};
        Blocks again;

        for (int i = 0; i < 40; i++)
        {
            int64_t from = rand() % TABLE;
            int64_t to = from + rand() % (TABLE - from + 1);
            bool add = rand() % 2 == 0;

            for (int64_t b = from; b < to; b++)
                flags[b] = add;
            (add ? blocks_add : blocks_remove)(scope, &set, (BlockRange){from, to});
        }
        ck_assert(blocks_read(scope, blocks_show(scope, &set), &again));
        for (int b = 0; b < TABLE; b++)
            ck_assert_int_eq(blocks_have(&again, b), flags[b]);
        for (int i = 1; i < set.count; i++)
            ck_assert_int_lt(set.items[i - 1].to, set.items[i].from);
    }
}
END_TEST

/* The sweep of a busy table adds and removes for hours. */
START_TEST(changes_take_no_more_memory_than_their_ranges)
{
    MEM_SCOPE(scope, NULL);
    Blocks set = {0};

    for (int64_t b = 0; b < 2000; b += 2)
        blocks_add(scope, &set, (BlockRange){b, b + 1});

    size_t before = talloc_total_size(scope);

    for (int64_t i = 0; i < 10000; i++)
    {
        int64_t b = i * 14 % 2000;

        blocks_remove(scope, &set, (BlockRange){b, b + 1});
        blocks_add(scope, &set, (BlockRange){b, b + 1});
    }
    ck_assert_int_eq(set.count, 1000);
    ck_assert_uint_eq(talloc_total_size(scope), before);
}
END_TEST

UNIT("blocks", ranges_that_touch_become_one, only_the_written_form_is_read,
     a_random_walk_agrees_with_flags, changes_take_no_more_memory_than_their_ranges)
