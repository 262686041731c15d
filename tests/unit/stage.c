#include "unit/stage.h"

#include <check.h>
#include <stddef.h>
#include <string.h>

#include "core/layouts/layout.h"
#include "unit/shop.h"
#include "unit/sources.h"

const char *const stage_migration_columns[] = {
    "version",       "name",       "file",   "state", "how",
    "applied_order", "applied_at", "failed", "error", NULL};
const char *const stage_phase_columns[] = {"version", "phase", "exact",
                                           "normal",  "done",  NULL};
const char *const stage_step_columns[] = {"version", "phase", "number", "kind", "title",
                                          "hash",    "done",  "sql",    "undo", NULL};

/* What a test reads of an event; the others are told by their place in the order. */
static const char *const event_names[EVENT_KIND_COUNT] = {
    [EVENT_WAITING_RUNNER] = "waiting runner",
    [EVENT_WAITING_ORPHAN] = "waiting orphan",
    [EVENT_MIGRATION_DONE] = "migration done",
    [EVENT_PHASE_DONE] = "phase done",
    [EVENT_STEP_START] = "step start",
    [EVENT_STEP_DONE] = "step done",
    [EVENT_STEP_FAILED] = "step failed",
    [EVENT_STEP_SKIPPED] = "step skipped",
    [EVENT_REST] = "rest",
    [EVENT_WARNING] = "warning",
};

static void
stage_see(Observer *observer, const Event *event)
{
    Stage *stage = (Stage *)((char *)observer - offsetof(Stage, observer));
    const char *name = event_names[event->kind];

    if (name == NULL)
        return;
    buf_add(&stage->told, name);
    if (event->step != NULL)
        buf_format(&stage->told, " %d", event->step->number);
    if (event->text != NULL)
        buf_format(&stage->told, ": %s", event->text);
    buf_add(&stage->told, "\n");
}

Stage *
stage_open(Mem *mem)
{
    Stage *stage = mem_new(mem, Stage);

    stage->mem = mem;
    stage->fake = fake_new(mem, &shop_caps);
    stage->observer = (Observer){stage_see};
    stage->told = buf_begin(mem);
    buf_add(&stage->told, "");
    stage->settings = (Settings){.component = "main",
                                 .layout = "native",
                                 .verb = "up",
                                 .dir = "m",
                                 .target = {"postgres", "", "", NULL},
                                 .max_stall = 100,
                                 .batch_time = 100,
                                 .lock_patience = 60000,
                                 .runner_patience = 60000,
                                 .orphan_patience = 60000,
                                 .through = PHASE_BACKFILL};
    stage->run = (Run){.mem = mem,
                       .settings = &stage->settings,
                       .driver = fake_driver(stage->fake),
                       .clock = fake_clock(stage->fake),
                       .observer = &stage->observer,
                       .id = "00000000-0000-4000-8000-000000000000",
                       .caps = &shop_caps,
                       .database = "shop on PostgreSQL 15.0",
                       .writes = true};
    return stage;
}

static Db **
stage_db(Stage *stage, const char *role)
{
    return strcmp(role, "worker") == 0    ? &stage->run.worker
           : strcmp(role, "watcher") == 0 ? &stage->run.watcher
                                          : &stage->run.warden;
}

/* What is left of them is asked for at the end, when the caller's may be gone. */
static Line *
stage_lines(Stage *stage, const Line *lines)
{
    LIST(Line) copy = {0};

    for (; lines->label != NULL; lines++)
        *list_add(stage->mem, &copy) = *lines;
    list_add(stage->mem, &copy);
    return copy.items;
}

void
stage_connect(Stage *stage, const char *role, const Line *lines)
{
    const SessionPlan plan = {.role = role, .application = "test"};

    fake_expect(stage->fake, role, stage_lines(stage, lines));
    ck_assert(stage->run.driver->open(stage->mem, &stage->settings.target, &plan,
                                      stage_db(stage, role), &stage->err));
}

void
stage_close(Stage *stage)
{
    const char *complaint = fake_complaint(stage->fake);

    ck_assert_msg(complaint == NULL, "%s", complaint);
    err_clear(&stage->err);
}

void
stage_folder(Stage *stage, const char *const *names_and_texts)
{
    SourceFiles files = sources_of(stage->mem, names_and_texts);

    stage_good(stage, native_folder(stage->mem, &files, "postgres",
                                    &stage->run.migrations, &stage->err));
}

void
stage_good(Stage *stage, bool good)
{
    const char *complaint = good ? NULL : fake_complaint(stage->fake);

    ck_assert_msg(good, "%s %s", err_line(stage->mem, &stage->err),
                  complaint == NULL ? "" : complaint);
}

const char *
stage_bad(Stage *stage, bool good, ErrKind kind)
{
    ErrKind was = stage->err.kind;
    const char *line = err_line(stage->mem, &stage->err);

    ck_assert_msg(!good, "it was done");
    ck_assert_msg(was == kind, "another kind: %s", line);
    return line;
}
