#include "core/backfill/parts.h"

#include "unit/unit.h"

static Parts
parts_of(Mem *mem, const BlockRange *rests, int count)
{
    Parts parts = {0};

    for (int i = 0; i < count; i++)
        *list_add(mem, &parts) = (Part){.number = i, .rest = rests[i]};
    return parts;
}

static void
part_is(const Parts *parts, int at, int64_t from, int64_t to)
{
    ck_assert_int_eq(parts->items[at].rest.from, from);
    ck_assert_int_eq(parts->items[at].rest.to, to);
}

START_TEST(a_table_is_cut_in_halves_for_those_who_have_none)
{
    MEM_SCOPE(scope, NULL);
    Parts parts = parts_of(scope, (BlockRange[]){{0, 1000}}, 1);

    parts_share(scope, &parts, 3);
    ck_assert_int_eq(parts.count, 3);
    part_is(&parts, 0, 0, 250);
    part_is(&parts, 1, 500, 1000);
    part_is(&parts, 2, 250, 500);
    ck_assert_int_eq(parts.items[2].number, 2);
}
END_TEST

START_TEST(one_worker_takes_what_many_left)
{
    MEM_SCOPE(scope, NULL);
    const BlockRange left[] = {{90, 100}, {150, 400}, {400, 400}};
    Parts parts = parts_of(scope, left, 3);

    parts_share(scope, &parts, 1);
    ck_assert_int_eq(parts.count, 3);
    parts_share(scope, &parts, 3);
    ck_assert_int_eq(parts.count, 4);
    part_is(&parts, 1, 150, 275);
    part_is(&parts, 3, 275, 400);
    ck_assert_int_eq(parts.items[3].number, 3);
}
END_TEST

START_TEST(a_small_table_is_not_worth_a_second_worker)
{
    MEM_SCOPE(scope, NULL);
    Parts parts = parts_of(scope, (BlockRange[]){{0, 100}}, 1);

    parts_share(scope, &parts, 8);
    ck_assert_int_eq(parts.count, 1);
    parts = parts_of(scope, (BlockRange[]){{0, 300}}, 1);
    parts_share(scope, &parts, 8);
    ck_assert_int_eq(parts.count, 4);
}
END_TEST

START_TEST(what_all_have_skipped_is_one_set)
{
    MEM_SCOPE(scope, NULL);
    Parts parts = parts_of(scope, (BlockRange[]){{50, 100}, {150, 200}}, 2);
    Blocks all;

    blocks_add(scope, &parts.items[0].skipped, (BlockRange){3, 4});
    blocks_add(scope, &parts.items[1].skipped, (BlockRange){100, 120});
    all = parts_skipped(scope, &parts);
    ck_assert_str_eq(blocks_show(scope, &all), "{[3,4),[100,120)}");
}
END_TEST

UNIT("parts", a_table_is_cut_in_halves_for_those_who_have_none,
     one_worker_takes_what_many_left, a_small_table_is_not_worth_a_second_worker,
     what_all_have_skipped_is_one_set)
