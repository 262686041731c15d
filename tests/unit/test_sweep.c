#include "core/backfill/sweep.h"
#include "unit/unit.h"

#include <stdlib.h>

#define TABLE 300
#define PLACES 52

static const SweepTerms usual = {.stripe_most = 128, .patience_ms = 500};

static Shape
shop(void)
{
    return shape_start(TABLE * PLACES, TABLE, 3, false);
}

/* --- passes ---------------------------------------------------------------------- */

START_TEST(passes_share_the_places_out)
{
    for (int places = 1; places <= 291; places++)
        for (int indexes = 0; indexes < 12; indexes++)
        {
            Shape shape = shape_start(places * 1000, 1000, indexes, false);
            Cut cut = cut_choose(&shape);
            int expected = 0;

            for (int i = 0; i < cut_count(&cut); i++)
            {
                Pass pass = cut_pass(&cut, i);

                ck_assert_int_eq(pass.from, expected);
                ck_assert_int_gt(pass.to, pass.from);
                ck_assert_int_eq(cut_rest(&cut, i).from, pass.from);
                ck_assert_int_eq(cut_rest(&cut, i).to, cut.modulus);
                expected = pass.to;
            }
            ck_assert_int_eq(expected, cut.modulus);
            ck_assert_int_le(cut_count(&cut), 40);
        }
}
END_TEST

START_TEST(passes_follow_what_they_bring)
{
    Shape shape = shop();
    Cut cut = cut_choose(&shape);
    Swept hot = {.blocks = 100, .rows = 5200, .hot = 5190};
    Swept cold = {.blocks = 100, .rows = 5200, .hot = 100};
    Swept forced = {.blocks = 100, .rows = 5200, .hot = 100, .forced = true};
    Swept sparse = {.blocks = 100, .rows = 30, .hot = 0};

    ck_assert_int_ge(cut_count(&cut), 9);
    ck_assert_int_le(cut_count(&cut), 16);

    /* pages with room need fewer passes, down to one */
    for (int i = 0; i < 12; i++)
        shape = shape_learn(shape, &cut, &hot), cut = cut_choose(&shape);
    ck_assert_int_eq(cut_count(&cut), 1);

    /* rows that grow too much: plain for a while, then tried again */
    shape = shop();
    cut = cut_choose(&shape);
    ck_assert_int_gt(cut_count(&cut), 1);
    shape = shape_learn(shape, &cut, &forced);
    shape = shape_learn(shape, &cut, &sparse);
    ck_assert_int_eq(shape.plain_left, 0);
    shape = shape_learn(shape, &cut, &cold);
    for (int i = 0; shape.plain_left > 0; i++)
    {
        cut = cut_choose(&shape);
        ck_assert_int_eq(cut_count(&cut), 1);
        shape = shape_learn(shape, &cut, &cold);
        ck_assert_int_lt(i, 50);
    }
    cut = cut_choose(&shape);
    ck_assert_int_gt(cut_count(&cut), 1);

    /* an index on the column that is filled: nothing can be HOT */
    shape = shape_start(TABLE * PLACES, TABLE, 3, true);
    cut = cut_choose(&shape);
    ck_assert_int_eq(cut_count(&cut), 1);
}
END_TEST

/* --- the horizon ----------------------------------------------------------------- */

START_TEST(an_idle_server_is_swept_range_by_range)
{
    MEM_SCOPE(scope, NULL);
    Sweep sweep = sweep_start(scope, (BlockRange){0, 100}, shop(), usual);
    Cut cut = cut_choose(&sweep.shape);
    int64_t xid = 1000;

    for (int range = 0; range < 2; range++)
        for (int pass = 0; pass < cut_count(&cut); pass++)
        {
            SweepNow now = {.horizon = xid + 1, .blocks = 50};
            SweepMove move = sweep_next(&sweep, &now);
            SweepResult result = {.rows = 200, .hot = 150, .xid = ++xid};

            ck_assert_int_eq(move.kind, SWEEP_BATCH);
            ck_assert_int_eq(move.blocks.from, range * 50);
            ck_assert_int_eq(move.pass.from, cut_pass(&cut, pass).from);
            ck_assert_int_eq(move.position, move.last ? range * 50 + 50 : range * 50);
            sweep_done(&sweep, &move, &result);
        }

    SweepNow now = {.horizon = xid + 1, .blocks = 50};

    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_DONE);
    ck_assert_int_eq(sweep_position(&sweep), 100);
    ck_assert_int_eq(sweep_blocks_done(&sweep), 100);
}
END_TEST

/* However many blocks a batch may have: what was cut apart is not put together again.
 */
START_TEST(a_range_is_cut_down_to_the_block_that_is_the_matter)
{
    MEM_SCOPE(scope, NULL);
    Sweep sweep = sweep_start(scope, (BlockRange){0, 64}, shop(), usual);
    const SweepNow now = {.horizon = 1, .blocks = 64};
    SweepMove move = sweep_next(&sweep, &now);

    for (int64_t width = 64; width > 1; width /= 2)
    {
        ck_assert_int_eq(move.blocks.to - move.blocks.from, width);
        ck_assert(sweep_split(&sweep, &move));
        move = sweep_next(&sweep, &now);
    }
    ck_assert_int_eq(move.blocks.to, 1);
    ck_assert(!sweep_split(&sweep, &move));
}
END_TEST

/* A reader keeps the horizon back: other ranges first, then patience, then force. */
START_TEST(the_stripe_widens_while_a_reader_looks)
{
    MEM_SCOPE(scope, NULL);
    Sweep sweep = sweep_start(scope, (BlockRange){0, 1000}, shop(), usual);
    SweepNow now = {.horizon = 7, .blocks = 32, .now_ms = 0};

    for (int i = 0; i < 4; i++)
    {
        SweepMove move = sweep_next(&sweep, &now);
        SweepResult result = {.rows = 200, .xid = 10 + i, .now_ms = 0};

        ck_assert_int_eq(move.blocks.from, i * 32);
        ck_assert_int_eq(move.pass.from, 0);
        ck_assert_int_eq(move.position, 0);
        sweep_done(&sweep, &move, &result);
    }
    now.now_ms = 499;
    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_WAIT);

    /* the reader ends, and a later one begins: the first two ranges may go on */
    now.horizon = 12;

    SweepMove move = sweep_next(&sweep, &now);

    ck_assert_int_eq(move.at, 0);
    ck_assert_int_gt(move.pass.from, 0);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 200, .xid = 14, .now_ms = 499});
    ck_assert_int_eq(sweep_next(&sweep, &now).at, 1);
    move = sweep_next(&sweep, &now);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 200, .xid = 15, .now_ms = 499});

    /* that one stays: patience ends, and what follows is no longer cut */
    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_WAIT);
    now.now_ms = 1000;
    move = sweep_next(&sweep, &now);
    ck_assert(move.kind == SWEEP_BATCH && move.at == 0 && move.last);
    ck_assert_int_eq(move.pass.to, move.pass.modulus);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 900, .xid = 16, .now_ms = 1000});
    move = sweep_next(&sweep, &now);
    ck_assert_int_eq(move.blocks.from, 128);
    ck_assert(move.pass.modulus == 1 && move.last);
}
END_TEST

START_TEST(neighbours_that_are_as_far_go_together)
{
    MEM_SCOPE(scope, NULL);
    Sweep sweep = sweep_start(scope, (BlockRange){0, 128}, shop(), usual);
    SweepNow now = {.horizon = 7, .blocks = 32};

    for (int i = 0; i < 4; i++)
    {
        SweepMove move = sweep_next(&sweep, &now);

        sweep_done(&sweep, &move, &(SweepResult){.rows = 9, .xid = 10 + i});
    }
    now = (SweepNow){.horizon = 13, .blocks = 100};

    /* three are ready, one is not yet */
    SweepMove move = sweep_next(&sweep, &now);

    ck_assert(move.blocks.from == 0 && move.blocks.to == 96);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 9, .xid = 14});
    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_WAIT);
}
END_TEST

/* --- every row, whatever happens ------------------------------------------------- */

typedef struct World
{
    bool done[TABLE][PLACES];
    bool skipped[TABLE];
    int64_t xid;
    int64_t horizon;
    double now_ms;
} World;

static int64_t
world_take(World *world, const SweepMove *move)
{
    int64_t rows = 0;

    for (int64_t b = move->blocks.from; b < move->blocks.to; b++)
        for (int place = 0; place < PLACES; place++)
        {
            int residue = place % move->pass.modulus;

            if (residue < move->pass.from || residue >= move->pass.to)
                continue;
            ck_assert_msg(!world->done[b][place], "block %d twice", (int)b);
            world->done[b][place] = true;
            rows++;
        }
    return rows;
}

/* Killed: what is open is forgotten, the position is all that is known. */
static void
world_crash(World *world, int64_t position)
{
    for (int64_t b = 0; b < position; b++)
        for (int place = 0; place < PLACES; place++)
            ck_assert_msg(world->done[b][place], "below the position, not done");
    for (int64_t b = position; b < TABLE; b++)
        for (int place = 0; place < PLACES; place++)
            world->done[b][place] = false;
}

static void
world_move_on(World *world)
{
    world->now_ms += rand() % 40;
    if (rand() % 3 == 0)
        world->horizon += rand() % (int)(world->xid - world->horizon + 2);
}

START_TEST(every_row_once_whatever_the_server_does)
{
    for (int round = 0; round < 150; round++)
    {
        MEM_SCOPE(scope, NULL);
        World world = {.xid = 100, .horizon = 90};
        Sweep sweep = sweep_start(scope, (BlockRange){0, TABLE}, shop(), usual);
        int64_t stored = 0;

        srand((unsigned)round);
        for (int i = 0;; i++)
        {
            SweepNow now = {world.horizon, 8 + rand() % 60, world.now_ms};
            SweepMove move = sweep_next(&sweep, &now);

            ck_assert_int_lt(i, 100000);
            if (move.kind == SWEEP_DONE)
                break;
            world_move_on(&world);
            if (move.kind == SWEEP_WAIT ||
                (rand() % 20 == 0 && sweep_split(&sweep, &move)))
                continue;
            if (rand() % 300 == 0)
            {
                world_crash(&world, stored);
                sweep = sweep_start(scope, (BlockRange){stored, TABLE}, shop(), usual);
                continue;
            }

            SweepResult result = {.rows = world_take(&world, &move),
                                  .xid = ++world.xid,
                                  .now_ms = world.now_ms};

            result.hot = rand() % (int)(result.rows + 1);
            ck_assert_int_ge(move.position, stored);
            stored = move.position;
            sweep_done(&sweep, &move, &result);
            ck_assert_int_eq(sweep_position(&sweep), stored);
        }
        ck_assert_int_eq(stored, TABLE);
        world_crash(&world, TABLE);
    }
}
END_TEST

UNIT("sweep", passes_share_the_places_out, passes_follow_what_they_bring,
     an_idle_server_is_swept_range_by_range,
     a_range_is_cut_down_to_the_block_that_is_the_matter,
     the_stripe_widens_while_a_reader_looks, neighbours_that_are_as_far_go_together,
     every_row_once_whatever_the_server_does)
