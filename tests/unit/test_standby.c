#include "run/locks/standby.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const char *const system_columns[] = {"identifier", "timeline", NULL};

/* clang-format off */
#define SYSTEM(number) {.label = "system", .columns = system_columns,                   \
                        .cells = (const char *const[]){(number), "1"}, .row_count = 1}
#define NAMED ONE("server_name", "name", "berlin")
#define LOOKED ONE("look", "pid", "7")
/* clang-format on */

/* A run that watches one standby, as every server here says that it is, or is not. */
typedef struct Pair
{
    Stage *stage;
    Caps caps;
    Target target;
} Pair;

static Pair *
pair_open(Mem *mem, bool in_recovery, const Line *primary)
{
    Pair *pair = mem_new(mem, Pair);
    Stage *stage = stage_open(mem);

    pair->stage = stage;
    pair->caps = shop_caps;
    pair->caps.in_recovery = in_recovery;
    pair->target = (Target){.engine = "postgres", .given = "", .shown = "host=replica"};
    stage->fake = fake_new(mem, &pair->caps);
    stage->run.driver = fake_driver(stage->fake);
    stage->run.clock = fake_clock(stage->fake);
    stage->settings.standbys = &pair->target;
    stage->settings.standby_count = 1;
    stage_connect(stage, "watcher", primary);
    return pair;
}

static void
pair_close(Pair *pair)
{
    stage_close(pair->stage);
}

static bool
pair_asks(Pair *pair)
{
    Rows rows;

    return standby_ask(&pair->stage->run, pair->stage->mem,
                       &pair->stage->run.standbys[0], &(Ask){.label = "look"}, &rows);
}

static const Line system_of_one[] = {SYSTEM("1"), {0}};

START_TEST(a_server_that_takes_writes_is_no_standby)
{
    MEM_SCOPE(scope, NULL);
    Pair *pair = pair_open(scope, false, system_of_one);
    Run *run = &pair->stage->run;

    fake_expect(pair->stage->fake, "standby", (Line[]){SYSTEM("1"), NAMED, {0}});
    ck_assert_ptr_nonnull(strstr(
        stage_bad(pair->stage, standbys_open(run, &pair->stage->err), ERR_REFUSED),
        "is no standby: it takes writes"));
    pair_close(pair);
}
END_TEST

START_TEST(a_standby_of_another_server_is_refused)
{
    MEM_SCOPE(scope, NULL);
    Pair *pair = pair_open(scope, true, system_of_one);
    Run *run = &pair->stage->run;

    fake_expect(pair->stage->fake, "standby", (Line[]){SYSTEM("2"), NAMED, {0}});
    ck_assert_ptr_nonnull(strstr(
        stage_bad(pair->stage, standbys_open(run, &pair->stage->err), ERR_REFUSED),
        "is a standby of another server"));
    pair_close(pair);
}
END_TEST

START_TEST(one_that_cannot_be_reached_at_the_start_is_an_error)
{
    MEM_SCOPE(scope, NULL);
    Pair *pair = pair_open(scope, true, system_of_one);
    Run *run = &pair->stage->run;

    fake_expect(pair->stage->fake, "standby",
                (Line[]){{.label = FAKE_CONNECT, .message = "no route"}, {0}});
    ck_assert_ptr_nonnull(strstr(
        stage_bad(pair->stage, standbys_open(run, &pair->stage->err), ERR_CONNECT),
        "while asking standby host=replica"));
    pair_close(pair);
}
END_TEST

/* It goes away, is told of once, refuses a connection meanwhile, and comes back. */
START_TEST(one_that_goes_away_is_told_of_once_and_asked_again)
{
    MEM_SCOPE(scope, NULL);
    Pair *pair = pair_open(scope, true, system_of_one);
    Stage *stage = pair->stage;

    fake_expect(
        pair->stage->fake, "standby",
        (Line[]){SYSTEM("1"), NAMED, LOOKED, {.label = "look", .lost = true}, {0}});
    stage_good(stage, standbys_open(&stage->run, &stage->err));
    ck_assert(pair_asks(pair));
    ck_assert_str_eq(stage->told.text, "");
    ck_assert(!pair_asks(pair));
    ck_assert_ptr_nonnull(
        strstr(stage->told.text, "warning: standby \"berlin\" does not answer"));
    fake_expect(pair->stage->fake, "standby",
                (Line[]){{.label = FAKE_CONNECT, .message = "no route"}, {0}});
    ck_assert(!pair_asks(pair));
    ck_assert_ptr_null(strstr(strstr(stage->told.text, "warning") + 1, "warning"));
    fake_expect(pair->stage->fake, "standby", (Line[]){LOOKED, {0}});
    ck_assert(pair_asks(pair));
    ck_assert(!stage->run.standbys[0].away);
    standbys_close(&stage->run);
    pair_close(pair);
}
END_TEST

START_TEST(one_that_hangs_does_not_hang_us)
{
    MEM_SCOPE(scope, NULL);
    Pair *pair = pair_open(scope, true, system_of_one);
    Stage *stage = pair->stage;
    double before;

    fake_expect(
        pair->stage->fake, "standby",
        (Line[]){SYSTEM("1"), NAMED, {.label = "look", .takes_ms = 60000}, {0}});
    stage_good(stage, standbys_open(&stage->run, &stage->err));
    before = clock_now(stage->run.clock);
    ck_assert(!pair_asks(pair));
    ck_assert_double_le(clock_now(stage->run.clock) - before, 2000);
    ck_assert_ptr_nonnull(strstr(stage->told.text, "does not answer"));
    ck_assert_str_eq(fake_complaint(stage->fake),
                     "standby: closed before \"look\" was finished");
}
END_TEST

START_TEST(the_plan_says_what_standbys_replay)
{
    MEM_SCOPE(scope, NULL);
    Shop *shop = shop_open(scope);

    shop->facts.standbys = 2;
    shop_planned(shop, "DROP INDEX CONCURRENTLY i;\n");
    ck_assert_int_eq(shop->plan.note_count, 1);
    ck_assert_ptr_nonnull(strstr(shop->plan.notes[0],
                                 "2 standbys replay the ACCESS EXCLUSIVE lock that "
                                 "DROP INDEX and REINDEX CONCURRENTLY end with"));
    shop_planned(shop, "CREATE INDEX CONCURRENTLY i ON identities (email);\n");
    ck_assert_int_eq(shop->plan.note_count, 0);
    shop->facts.standbys_watched = 1;
    shop_planned(shop, "ALTER TABLE identities ALTER email SET DEFAULT '';\n");
    ck_assert_ptr_nonnull(
        strstr(shop->plan.notes[0], "readers of 1 standby are looked"));
    ck_assert_ptr_nonnull(
        strstr(shop->plan.notes[1], "a long query there is cancelled"));
    shop->facts.standbys = 0;
    shop_planned(shop, "DROP INDEX CONCURRENTLY i;\n");
    ck_assert_int_eq(shop->plan.note_count, 0);
    shop_close(shop);
}
END_TEST

UNIT("standby", a_server_that_takes_writes_is_no_standby,
     a_standby_of_another_server_is_refused,
     one_that_cannot_be_reached_at_the_start_is_an_error,
     one_that_goes_away_is_told_of_once_and_asked_again,
     one_that_hangs_does_not_hang_us, the_plan_says_what_standbys_replay)
