#include "core/backfill/sweep.h"
#include "unit/unit.h"

#include <math.h>
#include <stdlib.h>

#define TABLE 300
#define PLACES 52

static const SweepTerms usual = {.stripe_most = 128, .patience_ms = 500};

static Shape
shop(void)
{
    return shape_start(
        &(ShapeFacts){.rows = TABLE * PLACES, .blocks = TABLE, .indexes = 3});
}

/* --- passes ---------------------------------------------------------------------- */

/* Whatever the table: the last pass takes what is left, and those before it less than
 * all.
 */
START_TEST(the_last_pass_leaves_nothing)
{
    for (int places = 1; places <= 291; places++)
        for (int indexes = 0; indexes < 12; indexes++)
        {
            Shape shape = shape_start(&(ShapeFacts){.rows = places * 1000,
                                                    .blocks = 1000,
                                                    .fillfactor = 100 - places % 90,
                                                    .indexes = indexes});
            Cut cut = cut_choose(&shape);
            int before = 0;

            ck_assert(cut.count >= 1 && cut.count <= PASSES_MOST);
            for (int i = 0; i < cut.count - 1; i++)
            {
                ck_assert_int_gt(cut_pass(&cut, i).rows, 0);
                before += cut_pass(&cut, i).rows;
            }
            ck_assert_int_eq(cut_pass(&cut, cut.count - 1).rows, 0);
            ck_assert(cut.count == 1 || before < places);
        }
}
END_TEST

/* A server whose pages are known: sweeps range after range as it is told, and says
 * which share of the rows could stay. */
typedef struct Pages
{
    double room;
    double growth;
    double wanted;
} Pages;

static double
pages_change(Pages pages, const Cut *cut)
{
    double wanted = pages.wanted;
    double hot = 0;

    for (int i = 0; i < cut->count; i++)
    {
        double rows = i < cut->count - 1 ? cut->rows[i] : wanted;
        double stay;

        rows = rows < wanted ? rows : wanted;
        stay = floor(pages.room / (1 + pages.growth));
        stay = stay < rows ? (stay > 0 ? stay : 0) : rows;
        pages.room += rows - stay - stay * pages.growth;
        wanted -= rows;
        hot += stay;
    }
    return hot / pages.wanted;
}

static double
pages_sweep(Shape *shape, Cut *cut, Pages pages)
{
    double hot = 0;

    for (int range = 0; range < 20; range++)
    {
        Swept swept = {.blocks = 1000, .rows = (int64_t)(pages.wanted * 1000)};

        *cut = cut_choose(shape);
        hot = pages_change(pages, cut);
        swept.hot = (int64_t)(hot * (double)swept.rows);
        *shape = shape_learn(*shape, cut, &swept);
    }
    return hot;
}

START_TEST(as_many_rows_leave_as_the_growth_asks_for)
{
    static const struct
    {
        const char *what;
        int places;
        int fillfactor;
        Pages pages;
        double hot; /* at least */
        int passes; /* at most */
    } tables[] = {
        {"a label on a small row", 65, 100, {0.8, 0.17, 65}, 0.82, 16},
        {"a flag", 65, 100, {0.5, 0.03, 65}, 0.90, 20},
        {"twice as long", 40, 100, {0.5, 1, 40}, 0.46, 12},
        {"room was left", 45, 70, {19, 0.17, 45}, 0.95, 5},
        {"room that nobody told of", 45, 100, {19, 0.17, 45}, 0.90, 6},
        {"half empty", 32, 50, {32, 0.17, 32}, 0.95, 3},
        {"every fifth row", 65, 100, {0.8, 0.17, 13}, 0.65, 8},
        {"four rows a page", 4, 100, {0.05, 0.01, 4}, 0.75, 4},
    };

    for (int i = 0; i < LENGTH(tables); i++)
    {
        Shape shape = shape_start(&(ShapeFacts){.rows = tables[i].places * 1000,
                                                .blocks = 1000,
                                                .fillfactor = tables[i].fillfactor,
                                                .indexes = 3});
        Cut cut;
        double hot = pages_sweep(&shape, &cut, tables[i].pages);

        ck_assert_msg(hot >= tables[i].hot, "%s: %.3f", tables[i].what, hot);
        ck_assert_msg(cut.count <= tables[i].passes, "%s: %d", tables[i].what,
                      cut.count);
    }
}
END_TEST

START_TEST(passes_follow_what_they_bring)
{
    Shape shape = shop();
    Cut cut = cut_choose(&shape);
    Swept cold = {.blocks = 100, .rows = 5200, .hot = 100};
    Swept warm = {.blocks = 100, .rows = 5200, .hot = 4000};
    Swept forced = {.blocks = 100, .rows = 5200, .hot = 100, .forced = true};
    Swept sparse = {.blocks = 100, .rows = 30, .hot = 0};

    /* rows that grow too much: plain for a while, then tried again */
    ck_assert_int_gt(cut.count, 1);
    shape = shape_learn(shape, &cut, &forced);
    ck_assert_int_eq(shape.plain_left, 0);
    shape = shape_learn(shape, &cut, &cold);
    for (int i = 0; shape.plain_left > 0; i++)
    {
        cut = cut_choose(&shape);
        ck_assert_int_eq(cut.count, 1);
        shape = shape_learn(shape, &cut, &cold);
        ck_assert_int_lt(i, 50);
    }
    cut = cut_choose(&shape);
    ck_assert_int_gt(cut.count, 1);

    /* hardly a row a page: one pass, until there are more */
    for (int i = 0; i < 12; i++)
        shape = shape_learn(shape, &cut, &sparse), cut = cut_choose(&shape);
    ck_assert_int_eq(cut.count, 1);
    for (int i = 0; i < 12; i++)
        shape = shape_learn(shape, &cut, &warm), cut = cut_choose(&shape);
    ck_assert_int_gt(cut.count, 1);

    /* an index on the column that is filled: nothing can be HOT */
    shape.never_hot = true;
    cut = cut_choose(&shape);
    ck_assert_int_eq(cut.count, 1);
}
END_TEST

/* --- the horizon ----------------------------------------------------------------- */

START_TEST(an_idle_server_is_swept_range_by_range)
{
    MEM_SCOPE(scope, NULL);
    Sweep sweep = sweep_start(scope, (BlockRange){0, 100}, shop(), usual);
    int64_t xid = 1000;

    for (int range = 0; range < 2; range++)
    {
        Cut cut = cut_choose(&sweep.shape);

        for (int pass = 0; pass < cut.count; pass++)
        {
            SweepNow now = {.horizon = xid + 1, .blocks = 50};
            SweepMove move = sweep_next(&sweep, &now);
            SweepResult result = {.rows = 200, .hot = 150, .xid = ++xid};

            ck_assert_int_eq(move.kind, SWEEP_BATCH);
            ck_assert_int_eq(move.blocks.from, range * 50);
            ck_assert_int_eq(move.pass.rows, cut_pass(&cut, pass).rows);
            ck_assert_int_eq(move.position, move.last ? range * 50 + 50 : range * 50);
            sweep_done(&sweep, &move, &result);
        }
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
        ck_assert_int_gt(move.pass.rows, 0);
        ck_assert_int_eq(move.position, 0);
        sweep_done(&sweep, &move, &result);
    }
    now.now_ms = 499;
    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_WAIT);

    /* the reader ends, and a later one begins: the first two ranges may go on */
    now.horizon = 12;

    SweepMove move = sweep_next(&sweep, &now);

    ck_assert_int_eq(move.at, 0);
    ck_assert(!move.last);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 200, .xid = 14, .now_ms = 499});
    ck_assert_int_eq(sweep_next(&sweep, &now).at, 1);
    move = sweep_next(&sweep, &now);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 200, .xid = 15, .now_ms = 499});

    /* that one stays: patience ends, and what follows is no longer cut */
    ck_assert_int_eq(sweep_next(&sweep, &now).kind, SWEEP_WAIT);
    now.now_ms = 1000;
    move = sweep_next(&sweep, &now);
    ck_assert(move.kind == SWEEP_BATCH && move.at == 0 && move.last);
    ck_assert_int_eq(move.pass.rows, 0);
    sweep_done(&sweep, &move, &(SweepResult){.rows = 900, .xid = 16, .now_ms = 1000});
    move = sweep_next(&sweep, &now);
    ck_assert_int_eq(move.blocks.from, 128);
    ck_assert(move.pass.rows == 0 && move.last);
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
    {
        int taken = 0;

        for (int place = 0; place < PLACES; place++)
        {
            if (world->done[b][place] ||
                (move->pass.rows > 0 && taken == move->pass.rows))
                continue;
            world->done[b][place] = true;
            taken++;
        }
        rows += taken;
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

UNIT("sweep", the_last_pass_leaves_nothing, as_many_rows_leave_as_the_growth_asks_for,
     passes_follow_what_they_bring, an_idle_server_is_swept_range_by_range,
     a_range_is_cut_down_to_the_block_that_is_the_matter,
     the_stripe_widens_while_a_reader_looks, neighbours_that_are_as_far_go_together,
     every_row_once_whatever_the_server_does)
