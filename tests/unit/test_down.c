#include "core/plan/down.h"

#include <string.h>

#include "unit/shop.h"
#include "unit/sources.h"
#include "unit/unit.h"

#define VERSION "20260515"

/* A migration, what the history keeps of it, and the plan that takes it down. */
typedef struct Play
{
    Shop *shop;
    MigrationRecord migration;
    StepRecord steps[6];
    PhaseRecord phases[4];
    History history;
} Play;

static Play *
play_open(Mem *mem, const char *state)
{
    Play *play = mem_new(mem, Play);

    play->shop = shop_open(mem);
    play->migration = (MigrationRecord){.version = VERSION,
                                        .name = "split_email",
                                        .file = "x.sql",
                                        .state = mem_copy(mem, state),
                                        .how = "run"};
    play->history = (History){.exists = true,
                              .migrations = &play->migration,
                              .migration_count = 1,
                              .steps = play->steps,
                              .phases = play->phases};
    return play;
}

static void
play_ran(Play *play, const char *phase, const char *undo)
{
    StepRecord *step = &play->steps[play->history.step_count++];

    *step = (StepRecord){.version = VERSION,
                         .phase = mem_copy(play->shop->mem, phase),
                         .number = play->history.step_count,
                         .kind = "transaction",
                         .title = "ADD COLUMN role",
                         .hash = "h",
                         .done = true,
                         .sql = "",
                         .undo = mem_copy(play->shop->mem, undo)};
}

static bool
play_down(Play *play, const char *text)
{
    Shop *shop = play->shop;

    shop->request.migration =
        shop_migration(shop->mem, VERSION "_split_email.sql", text);
    return down_plan(shop->mem, &shop->request, &play->history, &shop->plan,
                     &shop->err);
}

/* "contract: A; B | expand: C", as it would run. */
static const char *
way_down(Play *play, const char *text)
{
    Buf way = buf_begin(play->shop->mem);
    const Plan *plan = &play->shop->plan;

    ck_assert_msg(play_down(play, text), "%s",
                  err_line(play->shop->mem, &play->shop->err));
    for (int i = 0; i < plan->step_count; i++)
    {
        const Step *step = &plan->steps[i];

        ck_assert(step->undoes);
        buf_format(&way, "%s%s:", i > 0 ? " | " : "", phase_name(step->phase));
        for (int j = 0; j < step->sql_count; j++)
            buf_format(&way, " %s;", step->sql[j].text);
    }
    return way.text;
}

static const char *
no_way_down(Play *play, const char *text)
{
    ck_assert(!play_down(play, text));
    ck_assert_int_eq(play->shop->err.kind, ERR_REFUSED);
    return err_line(play->shop->mem, &play->shop->err);
}

static const char only_up[] = "ALTER TABLE identities ADD COLUMN role text;\n";

START_TEST(recorded_undos_run_backwards)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "up", "ALTER TABLE identities DROP COLUMN IF EXISTS role");
    play_ran(play, "up", "");
    play_ran(play, "up", "DROP TABLE IF EXISTS b;\nDROP TABLE IF EXISTS a");
    ck_assert_str_eq(way_down(play, only_up),
                     "up: DROP TABLE IF EXISTS b; | up: DROP TABLE IF EXISTS a; | up: "
                     "ALTER TABLE identities DROP COLUMN IF EXISTS role;");
    ck_assert_int_eq(play->shop->plan.steps[0].left, STATE_PENDING);
    ck_assert(!play->shop->plan.steps[0].last && play->shop->plan.steps[2].last);
    shop_close(play->shop);
}
END_TEST

START_TEST(an_unknown_way_back_is_asked_for)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "up", NULL);
    ck_assert_str_eq(
        no_way_down(play, only_up),
        "20260515_split_email.sql: no way back is known for step 1 of up of "
        "20260515_split_email: ADD "
        "COLUMN role | Write it down in a section -- migrate:down");
    ck_assert_str_eq(way_down(play, "-- migrate:up\nSELECT 1;\n-- migrate:down\n"
                                    "DROP TABLE a;\n"),
                     "up: DROP TABLE a;");
    shop_close(play->shop);
}
END_TEST

START_TEST(nothing_to_take_back_is_only_forgotten)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "up", "");
    ck_assert_str_eq(way_down(play, only_up), "up:");
    ck_assert_str_eq(play->shop->plan.steps[0].title, "forget its progress");
    shop_close(play->shop);
}
END_TEST

START_TEST(phases_go_back_one_by_one_and_the_trigger_first)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "backfilled");
    const Plan *plan = &play->shop->plan;
    const char *way;

    play_ran(play, "expand", "ALTER TABLE identities DROP COLUMN new_email");
    play_ran(play, "backfill", "");
    way = way_down(play, shop_classic);
    ck_assert_ptr_eq(
        strstr(way, "backfill: | expand: DROP TRIGGER IF EXISTS \"~pgstride_"), way);
    ck_assert_ptr_nonnull(
        strstr(way, "; ALTER TABLE identities DROP COLUMN new_email;"));
    ck_assert_int_eq(plan->steps[0].left, STATE_EXPANDED);
    ck_assert_int_eq(plan->steps[1].left, STATE_PENDING);
    ck_assert(plan->steps[0].last && plan->steps[1].last);
    shop_close(play->shop);
}
END_TEST

START_TEST(a_contract_that_was_begun_gives_its_proof_back)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "backfilled");
    const char *way;

    play_ran(play, "expand", "ALTER TABLE identities DROP COLUMN new_email");
    play_ran(play, "backfill", "");
    play_ran(play, "contract",
             "ALTER TABLE identities DROP CONSTRAINT IF EXISTS proof");
    way = way_down(play, shop_classic);
    ck_assert_ptr_eq(
        strstr(way,
               "contract: ALTER TABLE identities DROP CONSTRAINT IF EXISTS proof; | "
               "backfill:"),
        way);
    ck_assert_int_eq(play->shop->plan.steps[0].left, STATE_BACKFILLED);
    shop_close(play->shop);
}
END_TEST

START_TEST(a_contract_that_is_done_needs_its_own_way_back)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "contract", "");
    ck_assert_ptr_nonnull(
        strstr(no_way_down(play, shop_classic), "-- migrate:down contract"));
    shop_close(play->shop);
}
END_TEST

static const char whole[] = "-- migrate:expand\n"
                            "ALTER TABLE identities ADD COLUMN a int;\n"
                            "-- migrate:contract\n"
                            "ALTER TABLE identities DROP COLUMN email;\n"
                            "-- migrate:down\n"
                            "ALTER TABLE identities DROP COLUMN a;\n";

START_TEST(a_down_for_all_of_it_runs_once_and_at_the_end)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "expand", NULL);
    play_ran(play, "contract", NULL);
    ck_assert_str_eq(way_down(play, whole),
                     "contract: | expand: ALTER TABLE identities DROP COLUMN a;");
    shop_close(play->shop);
}
END_TEST

START_TEST(a_backfill_without_contract_is_asked_for_its_own_way_back)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play_ran(play, "backfill", NULL);
    ck_assert_ptr_nonnull(strstr(
        no_way_down(play, "-- migrate:backfill\n"
                          "UPDATE identities SET email = '' WHERE email = 'x';\n"),
        "| Write it down in a section -- migrate:down backfill"));
    shop_close(play->shop);
}
END_TEST

START_TEST(what_was_only_recorded_is_not_undone_by_guess)
{
    MEM_SCOPE(scope, NULL);
    Play *play = play_open(scope, "contracted");

    play->migration.how = "baseline";
    ck_assert_str_eq(no_way_down(play, only_up),
                     "20260515_split_email.sql: 20260515_split_email did not run here "
                     "(baseline): no way back is known, and it has no \"down\" section "
                     "| To forget it and change "
                     "nothing: pgstride mark 20260515 --pending");
    ck_assert_str_eq(way_down(play, "-- migrate:up\nSELECT 1;\n-- migrate:down\n"
                                    "DROP TABLE a;\n"),
                     "up: DROP TABLE a;");
    ck_assert_str_eq(way_down(play, whole),
                     "contract: | expand: ALTER TABLE identities DROP COLUMN a;");
    shop_close(play->shop);
}
END_TEST

UNIT("down", recorded_undos_run_backwards, an_unknown_way_back_is_asked_for,
     nothing_to_take_back_is_only_forgotten,
     phases_go_back_one_by_one_and_the_trigger_first,
     a_contract_that_was_begun_gives_its_proof_back,
     a_contract_that_is_done_needs_its_own_way_back,
     a_down_for_all_of_it_runs_once_and_at_the_end,
     a_backfill_without_contract_is_asked_for_its_own_way_back,
     what_was_only_recorded_is_not_undone_by_guess)
