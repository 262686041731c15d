#include "cli/print/print_progress.h"

#include <string.h>

#include "base/units.h"
#include "cli/print/progress_line.h"
#include "cli/text.h"

#define TELL_EVERY_MS 5000.0
#define TELL_EVERY_SHARE 0.05
#define DRAW_EVERY_MS 80.0

/* Columns: the text of a line begins at the first; what a step cost stands behind the
 * second, if there is room for the third; what it is at, and a cost that does not fit
 * into the line, stand below the fourth. */
#define TEXT_AT 4
#define BETWEEN 3
#define STEP_WIDTH 64
#define COST_WIDTH 50
#define BELOW 17

static const char *const spinner[] = {"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};

void
progress_end(ProgressView *view)
{
    out_erase(view->out, view->drawn);
    view->drawn = 0;
    fflush(view->out->file);
}

/* A line that stays: "  ✓ TEXT". */
static void
view_say(ProgressView *view, Mark mark, const char *sign, const char *text)
{
    progress_end(view);
    out_measure(view->out);
    out_print(view->out, "  ");
    out_mark(view->out, mark, sign);
    out_print(view->out, " ");
    out_paragraph(view->out, TEXT_AT, text);
}

/* Is it time to say how far we are? */
static bool
view_due(ProgressView *view, double share)
{
    double now = clock_now(view->clock);
    double since = now - view->told_ms;

    if (view->told_ms >= 0 && view->out->live && since < DRAW_EVERY_MS)
        return false;
    if (view->told_ms >= 0 && !view->out->live && since < TELL_EVERY_MS &&
        share < view->told_share + TELL_EVERY_SHARE)
        return false;
    view->told_ms = now;
    view->told_share = share;
    return true;
}

static char *
joined(Mem *mem, const char *first, const char *second)
{
    bool both = first[0] != '\0' && second[0] != '\0';

    return mem_text(mem, "%s%s%s", first, both ? " · " : "", second);
}

static void
view_draw_below(ProgressView *view, const char *text)
{
    MEM_SCOPE(scope, view->mem);
    Out *out = view->out;

    if (text[0] == '\0')
        return;
    out_print(out, "%*s%s\n", BELOW, "",
              text_cut(scope, out_text(out, scope, text), out->width - BELOW - 1));
    view->drawn++;
}

/* The line of the step and below it what it is at, in one line if that is wide enough;
 * they are drawn over again. */
static void
view_draw(ProgressView *view, const char *second, const char *third)
{
    MEM_SCOPE(scope, view->mem);
    Out *out = view->out;
    const char *both = joined(scope, second, third);

    progress_end(view);
    out_measure(out);
    out_print(out, "  ");
    out_mark(out, MARK_WAITING, spinner[view->spin++ % LENGTH(spinner)]);
    out_print(out, " %s\n",
              text_cut(scope, out_text(out, scope, view->first), out->width - 5));
    view->drawn = 1;
    if (utf8_width(out_text(out, scope, both)) < out->width - BELOW)
        view_draw_below(view, both);
    else
    {
        view_draw_below(view, second);
        view_draw_below(view, third);
    }
    fflush(out->file);
}

/* Drawn where lines live; elsewhere one line that stays. */
static void
view_tell(ProgressView *view, double share)
{
    MEM_SCOPE(scope, view->mem);
    const char *second = view->second == NULL ? "" : view->second;
    const char *rest = view->rest == NULL ? "" : view->rest;
    const char *both = joined(scope, second, rest);

    if (!view_due(view, share))
        return;
    if (view->out->live)
        view_draw(view, second, rest);
    else
        view_say(
            view, MARK_NONE, " ",
            mem_text(scope, "%s%s%s", view->first, both[0] == '\0' ? "" : "   ", both));
}

static void
rest_forget(ProgressView *view)
{
    TALLOC_FREE(view->rest);
    view->rest_stale = false;
}

static void
view_set(ProgressView *view, const char *first, const char *second)
{
    TALLOC_FREE(view->first);
    TALLOC_FREE(view->second);
    view->first = mem_copy(view->mem, first);
    view->second = mem_copy(view->mem, second);
}

/* The step is over: what was told of it is not of the next. */
static void
view_over(ProgressView *view)
{
    rest_forget(view);
    TALLOC_FREE(view->reason);
    TALLOC_FREE(view->first);
    TALLOC_FREE(view->second);
    view->told_ms = -1;
    view->told_share = 0;
}

/* --- one function an event ------------------------------------------------------- */

static void
see_connected(ProgressView *view, const Event *event)
{
    TALLOC_FREE(view->database);
    view->database = mem_copy(view->mem, event->text);
}

static void
see_migration(ProgressView *view, const Event *event)
{
    if (view->opening != NULL)
    {
        progress_end(view);
        out_print(view->results, "%s\n", view->opening);
        view->opening = NULL;
    }
    if (view->quiet)
        return;
    progress_end(view);
    out_print(view->out, "%s%s%s\n", view->database == NULL ? "" : view->database,
              view->database == NULL ? "" : " · ", event->migration->label);
}

static void
see_step(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const Step *step = event->step;

    view_over(view);
    view_set(view, line_step(scope, step), NULL);
    for (int i = 0; view->verbose && i < step->sql_count; i++)
        view_say(view, MARK_NONE, ">", text_one_line(scope, step->sql[i].text));
    if (view->out->live)
        view_draw(view, "", "");
}

static void
see_waiting(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const Step *step = event->step;

    view_set(view,
             mem_text(scope, "%-8s %2d  %s", step_heading(step), step->number,
                      line_waiting(scope, event)),
             line_holder(scope, event->look));
    view_tell(view, 0);
}

static void
see_progress(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const Progress *progress = event->progress;

    if (view->rest_stale)
        rest_forget(view);
    view->rest_stale = view->rest != NULL;
    view_set(view,
             line_progress(scope, view->out, line_step(scope, event->step), progress),
             event->kind == EVENT_BATCH ? line_batch(scope, progress) : NULL);
    if (view->told_ms < 0 && !view->out->live) /* what is over soon needs no line */
        view_due(view, progress->fraction);
    else
        view_tell(view, progress->fraction);
}

/* The first word says what kind of reason it is; numbers in it change all the time. */
static bool
rest_is_new(const ProgressView *view, const char *text)
{
    size_t word = strcspn(text, " ");

    return view->reason == NULL || strncmp(view->reason, text, word) != 0 ||
           strcspn(view->reason, " ") != word;
}

/* Stays to be read until a second batch has passed; another reason is told at once. */
static void
see_rest(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const char *text = event->text == NULL ? "to spare the server" : event->text;

    if (rest_is_new(view, text))
    {
        TALLOC_FREE(view->reason);
        view->reason = mem_copy(view->mem, text);
        view->told_ms = -1;
    }

    rest_forget(view);
    if (view->first == NULL) /* between steps */
        view_set(view, text, NULL);
    else if (event->millis > 0)
        view->rest = mem_text(view->mem, "resting %s: %s",
                              duration_show(scope, event->millis), text);
    else
        view->rest = mem_copy(view->mem, text);
    view_tell(view, view->told_share);
}

/* Who keeps the run is a line that stays; how long yet is drawn where lines live. */
static void
see_held(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const char *left =
        event->millis < 0
            ? ""
            : mem_text(scope, ", in %s", duration_show(scope, event->millis));
    bool told = view->held != NULL && strcmp(view->held, event->text) == 0;

    if (!told)
    {
        TALLOC_FREE(view->held);
        view->held = mem_copy(view->mem, event->text);
        view_say(view, MARK_WAITING, "!", mem_text(scope, "%s%s", event->text, left));
    }
    if (view->out->live && view->first != NULL)
        view_draw(view, mem_text(scope, "%s%s", event->text, left), "");
}

static void
see_goes_on(ProgressView *view, const Event *event)
{
    TALLOC_FREE(view->held);
    rest_forget(view);
    view->told_ms = -1;
    view_say(view, MARK_NONE, "·", event->text);
}

/* A line that stays: what the step was, and behind it what there is to say of it; below
 * it where the terminal is too narrow for both. */
static void
view_conclude(ProgressView *view, Mark mark, const Step *step, const char *said)
{
    MEM_SCOPE(scope, view->mem);
    Out *out = view->out;
    const char *sign = mark == MARK_FAILED ? "✗" : "✓";
    const char *what = line_step(scope, step);
    int width = STEP_WIDTH;

    out_measure(out);
    if (out->live && out->width < STEP_WIDTH + COST_WIDTH)
        width = out->width - COST_WIDTH;
    if (out->live && width > out->width - TEXT_AT - BETWEEN - utf8_width(said))
        width = out->width - TEXT_AT - BETWEEN - utf8_width(said);

    const char *both =
        mem_text(scope, "%s%*s%s", text_pad(scope, what, width), BETWEEN, "", said);
    bool fits = !out->live || TEXT_AT + utf8_width(both) <= out->width;

    view_say(view, mark, sign, said[0] == '\0' || !fits ? what : both);
    if (said[0] != '\0' && !fits)
    {
        out_print(out, "%*s", BELOW, "");
        out_paragraph(out, BELOW, said);
    }
    view_over(view);
}

static void
see_step_done(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    const char *said = event->cost == NULL ? "" : line_cost(scope, event->cost);

    if (event->step->kind == STEP_BACKFILL && event->progress != NULL)
        said = line_filled(scope, event->progress, event->cost);
    view_conclude(view, MARK_DONE, event->step, said);
}

static void
see_step_failed(ProgressView *view, const Event *event)
{
    view_conclude(view, MARK_FAILED, event->step, "");
}

static void
see_step_skipped(ProgressView *view, const Event *event)
{
    view_conclude(view, MARK_DONE, event->step, "done by an earlier run");
}

/* What stands before the text of an event that is only a text. */
/* clang-format off */
static const char *const text_prefixes[EVENT_KIND_COUNT] = {
    [EVENT_WAITING_RUNNER] = "waiting for another run: ",
    [EVENT_WAITING_ORPHAN] = "waiting for what a killed run left going: ",
    [EVENT_WARNING]        = "warning: ",
    [EVENT_NOTE]           = "",
    [EVENT_STOPPING]       = "stopping: ",
};
/* clang-format on */

static void
see_text(ProgressView *view, const Event *event)
{
    MEM_SCOPE(scope, view->mem);
    bool note = event->kind == EVENT_NOTE;

    view_say(view, note ? MARK_NONE : MARK_WAITING, note ? "·" : "!",
             mem_text(scope, "%s%s", text_prefixes[event->kind], event->text));
}

typedef struct Seer
{
    void (*see)(ProgressView *view, const Event *event);
    bool always; /* with --quiet too */
} Seer;

/* clang-format off */
static const Seer seers[EVENT_KIND_COUNT] = {
    [EVENT_CONNECTED]       = {see_connected,    true},
    [EVENT_WAITING_RUNNER]  = {see_text,         false},
    [EVENT_WAITING_ORPHAN]  = {see_text,         false},
    [EVENT_MIGRATION_START] = {see_migration,    true},
    [EVENT_STEP_START]      = {see_step,         false},
    [EVENT_STEP_WAITING]    = {see_waiting,      false},
    [EVENT_STEP_PROGRESS]   = {see_progress,     false},
    [EVENT_STEP_DONE]       = {see_step_done,    false},
    [EVENT_STEP_FAILED]     = {see_step_failed,  false},
    [EVENT_STEP_SKIPPED]    = {see_step_skipped, false},
    [EVENT_BATCH]           = {see_progress,     false},
    [EVENT_REST]            = {see_rest,         false},
    [EVENT_HELD]            = {see_held,         true},
    [EVENT_GOES_ON]         = {see_goes_on,      true},
    [EVENT_WARNING]         = {see_text,         true},
    [EVENT_NOTE]            = {see_text,         false},
    [EVENT_STOPPING]        = {see_text,         false},
};
/* clang-format on */

static void
progress_see(Observer *observer, const Event *event)
{
    ProgressView *view = (ProgressView *)observer;
    const Seer *seer = &seers[event->kind];

    if (seer->see != NULL && (seer->always || !view->quiet))
        seer->see(view, event);
}

void
progress_begin(Mem *mem, ProgressView *view, Out *out, Clock *clock)
{
    *view = (ProgressView){.observer = {progress_see},
                           .mem = mem,
                           .out = out,
                           .clock = clock,
                           .told_ms = -1};
}
