#include <string.h>

#include "run/history/history.h"
#include "run/verbs.h"
#include "unit/stage.h"
#include "unit/unit.h"

static const char *const folder[] = {"1_a.sql", "SELECT 1;\n", "2_b.sql", "SELECT 2;\n",
                                     "3_c.sql", "SELECT 3;\n", NULL};

/* One that failed midway, and one whose file is gone. */
static const char *const half_done[] = {
    "3", "c", "3_c.sql", "pending",    "run", "1", "2026-11-21 02:00:00", "t", "broken",
    "9", "z", "9_z.sql", "contracted", "run", "2", "2026-11-21 02:00:00", "f", NULL};

/* Marks version 2 of three; `writes` records are expected. "1 pending>contracted; ..."
 */
static const char *
mark(Stage *stage, const Marking *marking, int writes)
{
    const char *versions[] = {"2"};
    LIST(Line) warden = {0};
    Report report = {0};
    Buf text = buf_begin(stage->mem);

    for (int i = 0; i < writes; i++)
    {
        const Line lines[] = {WRITES("mark")};

        for (int j = 0; j < LENGTH(lines); j++)
            *list_add(stage->mem, &warden) = lines[j];
    }
    list_add(stage->mem, &warden);
    stage->settings.versions = versions;
    stage->settings.version_count = 1;
    stage_folder(stage, folder);
    stage_connect(stage, "watcher",
                  (Line[]){READS({.label = "history_migrations",
                                  .columns = stage_migration_columns,
                                  .cells = half_done,
                                  .row_count = 2},
                                 NO_PHASES, NO_STEPS, NO_BACKFILLS),
                           NO_HISTORY,
                           {0}});
    stage_connect(stage, "warden", warden.items);
    stage_good(stage, history_read(&stage->run, &stage->err));
    stage_good(stage, run_mark(&stage->run, marking, stage->mem, &report, &stage->err));
    for (int i = 0; i < report.count; i++)
        buf_format(&text, "%s%s %s>%s", i > 0 ? "; " : "",
                   report.items[i].migration->version, state_name(report.items[i].from),
                   state_name(report.items[i].to));
    return text.text;
}

START_TEST(force_sets_all_below_and_forgets_all_above)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Marking force = {"force", STATE_CONTRACTED};

    ck_assert_str_eq(mark(stage, &force, 4),
                     "1 pending>contracted; 2 pending>contracted; 3 pending>pending; 9 "
                     "contracted>pending");

    const char *forgotten = fake_sent(stage->fake, "mark", 2);

    ck_assert_ptr_nonnull(strstr(forgotten, "DELETE FROM pgstride.steps"));
    ck_assert_ptr_nonnull(strstr(forgotten, "DELETE FROM pgstride.migrations"));
    ck_assert_ptr_nonnull(strstr(forgotten, "INSERT INTO pgstride.events"));
    stage_close(stage);
}
END_TEST

START_TEST(baseline_adds_what_is_unknown_and_leaves_the_rest)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Marking baseline = {"baseline", STATE_CONTRACTED};

    ck_assert_str_eq(mark(stage, &baseline, 2),
                     "1 pending>contracted; 2 pending>contracted");
    ck_assert_ptr_nonnull(strstr(fake_sent(stage->fake, "mark", 0), "'baseline'"));
    stage_close(stage);
}
END_TEST

START_TEST(mark_touches_what_is_named)
{
    MEM_SCOPE(scope, NULL);
    Stage *stage = stage_open(scope);
    Marking named = {"mark", STATE_BACKFILLED};

    ck_assert_str_eq(mark(stage, &named, 1), "2 pending>backfilled");
    ck_assert_ptr_nonnull(strstr(fake_sent(stage->fake, "mark", 0), "'backfilled'"));
    stage_close(stage);
}
END_TEST

UNIT("mark", force_sets_all_below_and_forgets_all_above,
     baseline_adds_what_is_unknown_and_leaves_the_rest, mark_touches_what_is_named)
