/* What a file set up in a session that an interruption took with it. */
#include <string.h>

#include "run/history/history.h"
#include "run/steps/engine.h"
#include "unit/shop.h"
#include "unit/stage.h"
#include "unit/unit.h"

#define VERSION "20260515"

/* An earlier run did the first step of the text; this one meets `worker`, and fails. */
static const char *
resume_bad(Mem *mem, const char *text, const Line *worker, ErrKind kind)
{
    Stage *stage = stage_open(mem);
    Shop *shop = shop_open(mem);
    Toll toll = {0};

    shop_planned(shop, text);
    stage_connect(
        stage, "watcher",
        (Line[]){READS(MIGRATION(VERSION, "pending"), PHASE(VERSION, "up", "f"),
                       STEP(VERSION, "up", "1", shop->plan.steps[0].hash, "t"),
                       NO_BACKFILLS),
                 {0}});
    stage_connect(stage, "worker", worker);
    stage_good(stage, history_read(&stage->run, &stage->err));

    const char *line = mem_copy(
        mem,
        stage_bad(stage,
                  engine_phase(&stage->run, &shop->plan, PHASE_UP, &toll, &stage->err),
                  kind));

    stage_close(stage);
    return line;
}

START_TEST(what_it_made_is_missed)
{
    MEM_SCOPE(scope, NULL);
    const char *line = resume_bad(scope,
                                  "CREATE TABLE orders (id bigint);\n"
                                  "CREATE TEMP TABLE wanted (id bigint);\n"
                                  "CREATE DATABASE copies;\n",
                                  (Line[]){{0}}, ERR_DIRTY);

    ck_assert_ptr_nonnull(strstr(line, "step 1 of up set up its session"));
}
END_TEST

START_TEST(what_it_computed_is_missed)
{
    MEM_SCOPE(scope, NULL);
    const char *line = resume_bad(scope,
                                  "INSERT INTO orders VALUES (1);\n"
                                  "PREPARE one AS SELECT now();\n"
                                  "CREATE DATABASE copies;\n",
                                  (Line[]){{0}}, ERR_DIRTY);

    ck_assert_ptr_nonnull(strstr(line, "step 1 of up set up its session"));
}
END_TEST

START_TEST(what_it_only_set_is_set_again)
{
    MEM_SCOPE(scope, NULL);
    Line refused[] = {
        {.label = "settings", .sqlstate = "42704", .message = "no such setting"}, {0}};
    const char *line = resume_bad(scope,
                                  "SET shop.size = 5;\n"
                                  "CREATE DATABASE copies;\n",
                                  refused, ERR_SQL);

    ck_assert_ptr_nonnull(strstr(line, "no such setting"));
}
END_TEST

START_TEST(what_only_prepared_is_prepared_again)
{
    MEM_SCOPE(scope, NULL);
    Line refused[] = {
        {.label = "settings", .sqlstate = "42703", .message = "no such column"}, {0}};
    const char *line = resume_bad(scope,
                                  "PREPARE one AS SELECT now();\n"
                                  "CREATE DATABASE copies;\n",
                                  refused, ERR_SQL);

    ck_assert_ptr_nonnull(strstr(line, "no such column"));
}
END_TEST

UNIT("session", what_only_prepared_is_prepared_again, what_it_made_is_missed,
     what_it_computed_is_missed, what_it_only_set_is_set_again)
