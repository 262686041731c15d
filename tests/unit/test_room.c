#include "core/plan/room.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/unit.h"

#define GB (1LL << 30)

/* The shop with a table of 1 GB, and that much free where it grows. */
static Shop *
shop_on_disk(Mem *mem, int64_t free_bytes)
{
    Shop *shop = shop_open(mem);

    shop->tables[0].heap_bytes = shop->tables[0].total_bytes = GB;
    shop->tables[0].room = (RoomFact){.tablespace = mem_copy(mem, "fast"),
                                      .directory = mem_copy(mem, "/srv/pg"),
                                      .free_bytes = free_bytes,
                                      .max_wal_bytes = GB};
    return shop;
}

static const char *
first_note(const Shop *shop, const char *part)
{
    for (int i = 0; i < shop->plan.note_count; i++)
        if (strstr(shop->plan.notes[i], part) != NULL)
            return shop->plan.notes[i];
    return NULL;
}

START_TEST(a_disk_that_is_too_small_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, GB / 4);
    const char *line = shop_refusal(shop, shop_classic);

    ck_assert_ptr_nonnull(strstr(line, "needs about 338 MB on tablespace \"fast\", and "
                                       "256 MB are free"));
    shop_close(shop);
}
END_TEST

START_TEST(an_index_takes_half_as_much_again_while_it_is_built)
{
    static const char plain[] =
        "-- migrate:up\nCREATE INDEX i ON identities (email);\n";
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, GB / 4);
    const char *line = shop_refusal(shop, plain);

    ck_assert_ptr_nonnull(strstr(
        line, "the build of index \"i\" needs about 1.1 GB on tablespace \"fast\""));
    ck_assert(shop_plan(shop, "-- migrate:up\nCREATE INDEX i ON identities (email) "
                              "WHERE email > 'x';\n"));
    ck_assert(shop_plan(shop, "-- migrate:up\nCREATE INDEX i ON identities USING brin "
                              "(email);\n"));
    ck_assert(shop_plan(shop, "-- migrate:up\nCREATE INDEX i ON identities (email) "
                              "TABLESPACE big;\n"));
    shop->tables[0].room.free_bytes = 2 * GB;
    ck_assert(shop_plan(shop, plain));
    shop_close(shop);
}
END_TEST

START_TEST(wal_counts_on_the_same_disk_up_to_what_is_kept)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, GB);

    ck_assert(shop_plan(shop, shop_classic));
    shop->tables[0].room.with_wal = true;
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic), "about 1.3 GB"));
    shop->tables[0].room.idle_slot = mem_copy(scope, "forgotten");
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic), "about 3.0 GB"));
    shop_close(shop);
}
END_TEST

START_TEST(rows_that_cannot_stay_take_the_table_again)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, GB);
    Caps old = *shop->facts.caps;

    ck_assert(shop_plan(shop, shop_classic));
    old.tid_range_scan = false;
    shop->facts.caps = shop->request.caps = &old;
    ck_assert_ptr_nonnull(strstr(shop_refusal(shop, shop_classic), "about 1.1 GB"));
    shop_close(shop);
}
END_TEST

START_TEST(what_is_done_needs_no_room_again)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, GB / 4);
    BackfillRecord half = {.number = 1, .position = 50, .end_block = 100};
    History history = {.backfills = &half, .backfill_count = 1};

    shop_refusal(shop, shop_classic);
    half.version = mem_copy(scope, shop->request.migration->version);
    shop->request.history = &history;
    ck_assert(shop_plan(shop, shop_classic));
    shop_close(shop);
}
END_TEST

START_TEST(what_cannot_be_seen_is_said)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_on_disk(scope, -1);

    ck_assert(shop_plan(shop, shop_classic));
    ck_assert_ptr_nonnull(
        first_note(shop, "on tablespace \"fast\" and 1.0 GB for WAL"));
    ck_assert_ptr_nonnull(first_note(shop, "df -h /srv/pg"));
    shop->tables[0].heap_bytes = shop->tables[0].total_bytes = 1 << 20;
    ck_assert(shop_plan(shop, shop_classic));
    ck_assert_ptr_null(first_note(shop, "tablespace"));
    shop_close(shop);
}
END_TEST

UNIT("room", an_index_takes_half_as_much_again_while_it_is_built,
     a_disk_that_is_too_small_is_refused,
     wal_counts_on_the_same_disk_up_to_what_is_kept,
     rows_that_cannot_stay_take_the_table_again, what_is_done_needs_no_room_again,
     what_cannot_be_seen_is_said)
