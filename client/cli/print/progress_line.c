#include "cli/print/progress_line.h"

#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "cli/text.h"
#include "core/backfill/limits.h"
#include "core/locks/holder.h"

#define BAR_CELLS 20
#define MARGIN 5 /* for the mark before the line, and the last column */
#define REST_TOLD_MS 500.0

char *
line_step(Mem *mem, const Step *step)
{
    const char *what = step->kind == STEP_BACKFILL && step->table.name != NULL
                           ? qname_show(mem, &step->table)
                           : step->title;

    return mem_text(mem, "%-8s %2d  %s", step_heading(step), step->number, what);
}

static char *
line_bar(Mem *mem, double fraction, int cells)
{
    Buf buf = buf_begin(mem);
    int full = (int)(fraction * cells);

    for (int i = 0; i < cells; i++)
        buf_add(&buf, i < full ? "█" : "░");
    return buf.text;
}

/* Phrases stand three blanks apart; one that has nothing to say is left out. */
static void
phrase(Buf *buf, const char *text)
{
    if (text[0] == '\0')
        return;
    if (buf->length > 0)
        buf_add(buf, "   ");
    buf_add(buf, text);
}

/* "7.1 M of 12.4 M"; of a scan its blocks. */
static char *
line_counts(Mem *mem, const Progress *progress)
{
    MEM_SCOPE(scope, mem);

    if (progress->rows_total >= progress->rows_done && progress->rows_total > 0)
        return mem_text(mem, "%s of %s", count_short(scope, progress->rows_done),
                        count_short(scope, progress->rows_total));
    if (progress->rows_total > 0) /* it was an estimate, and too low */
        return text_count(mem, progress->rows_done, "row");
    if (progress->blocks_total > 0 && progress->batch_ms <= 0)
        return mem_text(mem, "%s of %s blocks",
                        count_short(scope, progress->blocks_done),
                        count_short(scope, progress->blocks_total));
    return mem_copy(mem, "");
}

/* With a bar of so many cells; below 0: without the counts, which the share stands for.
 */
static char *
line_told(Mem *mem, const Progress *progress, int cells)
{
    MEM_SCOPE(scope, mem);
    Buf buf = buf_begin(mem);
    double fraction = progress->fraction < 0   ? 0
                      : progress->fraction > 1 ? 1
                                               : progress->fraction;
    bool shared = progress->rows_total > 0 || progress->blocks_total > 0;

    if (cells > 0 && shared)
        buf_format(&buf, "%s  ", line_bar(scope, fraction, cells));
    if (shared)
        buf_format(&buf, "%3d %%", (int)(fraction * 100)); /* 100 only when it is */
    else if (progress->rows_done > 0 || progress->doing == NULL)
        phrase(&buf, text_count(scope, progress->rows_done, "row"));
    if (cells >= 0)
        phrase(&buf, line_counts(scope, progress));
    if (progress->rows_per_second > 0)
        phrase(&buf, mem_text(scope, "%s rows/s",
                              count_show(scope, (int64_t)progress->rows_per_second)));
    if (progress->left_ms >= 0)
        phrase(&buf,
               mem_text(scope, "%s left", duration_show(scope, progress->left_ms)));
    if (progress->doing != NULL && strcmp(progress->doing, "sweeping") != 0)
        phrase(&buf, progress->doing); /* last: it is long, and lines are cut */
    return buf.text;
}

char *
line_progress(Mem *mem, const Out *out, const char *before, const Progress *progress)
{
    for (int cells = out->live ? BAR_CELLS : 0;; cells -= BAR_CELLS / 4)
    {
        char *line = mem_text(mem, "%s  %s", before, line_told(mem, progress, cells));

        if (!out->live || cells < 0 ||
            utf8_width(out_text(out, mem, line)) <= out->width - MARGIN)
            return line;
    }
}

/* What is known of the server, as help names it: " · active sessions 3". */
static void
put_load(Buf *buf, Mem *mem, const Pressure *pressure)
{
    static const Signal told[] = {SIGNAL_ACTIVE, SIGNAL_HISTORY, SIGNAL_LAG};

    for (int i = 0; i < LENGTH(told); i++)
        if (pressure->value[told[i]] >= 0)
            buf_format(buf, " · %s %s", limit_row(told[i])->name,
                       signal_show(mem, told[i], pressure->value[told[i]]));
}

char *
line_batch(Mem *mem, const Progress *progress)
{
    MEM_SCOPE(scope, mem);
    Buf buf = buf_begin(mem);

    if (progress->workers > 1)
        buf_format(&buf, "%d workers · ", progress->workers);
    buf_format(&buf, "batch %s", duration_show(scope, progress->batch_ms));
    if (progress->hot_share >= 0)
        buf_format(&buf, " · HOT %.0f %%", progress->hot_share * 100);
    if (progress->wal_bytes > 0)
        buf_format(&buf, " · WAL %s", bytes_show(scope, progress->wal_bytes));
    if (progress->skipped_blocks > 0)
        buf_format(&buf, " · %s to revisit",
                   text_count(scope, progress->skipped_blocks, "block"));
    if (progress->set_aside > 0)
        buf_format(&buf, " · %s set aside",
                   text_count(scope, progress->set_aside, "row"));
    if (progress->pressure != NULL)
        put_load(&buf, scope, progress->pressure);
    return buf.text;
}

/* Nobody waits for a step without a stall: of it only the time is told. */
char *
line_cost(Mem *mem, const Cost *cost)
{
    MEM_SCOPE(scope, mem);
    Buf buf = buf_begin(mem);

    if (cost->tries > 1)
        phrase(&buf, mem_text(scope, "%d tries", cost->tries));
    if (cost->waited_ms >= 1000)
        phrase(&buf, mem_text(scope, "waited %s for others",
                              duration_show(scope, cost->waited_ms)));
    if (cost->stall_ms > 0 && cost->held_ms > 0)
        phrase(&buf, mem_text(scope, "held %s%s", duration_show(scope, cost->held_ms),
                              cost->unfelt ? " while nobody waited" : ""));
    if (cost->stall_ms > 0)
        phrase(&buf, mem_text(scope, "largest stall %s",
                              duration_show(scope, cost->stall_ms)));
    if (cost->took_ms >= 1000 || cost->stall_ms <= 0)
        phrase(&buf, mem_text(scope, "took %s", duration_show(scope, cost->took_ms)));
    return buf.text;
}

char *
line_filled(Mem *mem, const Progress *progress, const Cost *cost)
{
    MEM_SCOPE(scope, mem);
    Buf buf = buf_begin(mem);

    if (progress->rows_before > 0)
        buf_format(&buf, "%s of ",
                   count_show(scope, progress->rows_done - progress->rows_before));
    buf_format(&buf, "%s in %s", text_count(scope, progress->rows_done, "row"),
               duration_show(scope, progress->elapsed_ms));
    if (progress->hot_share >= 0)
        phrase(&buf, mem_text(scope, "HOT %.0f %%", progress->hot_share * 100));
    phrase(&buf,
           mem_text(scope, "set aside %s", count_show(scope, progress->set_aside)));
    if (cost != NULL && cost->waited_ms >= REST_TOLD_MS)
        phrase(&buf, mem_text(scope, "rested %s of it",
                              duration_show(scope, cost->waited_ms)));
    if (cost != NULL && cost->stall_ms > 0)
        phrase(&buf, mem_text(scope, "largest stall %s",
                              duration_show(scope, cost->stall_ms)));
    return buf.text;
}

/* The relations a step must have, or its table when it says none. */
static char *
wanted_relations(Mem *mem, const Step *step)
{
    Buf buf = buf_begin(mem);

    for (int i = 0; i < step->lock_count; i++)
        buf_format(&buf, "%s%s", i == 0 ? "" : ", ",
                   qname_show(mem, &step->locks[i].relation));
    if (buf.length == 0 && step->table.name != NULL)
        buf_add(&buf, qname_show(mem, &step->table));
    return buf.length == 0 ? mem_copy(mem, "a lock") : buf.text;
}

char *
line_waiting(Mem *mem, const Event *event)
{
    MEM_SCOPE(scope, mem);
    const Step *step = event->step;
    const Cost *cost = event->cost;

    if (step_is_concurrent(step) && event->text != NULL)
        return mem_text(mem, "%s  %s, for %s", step->title, event->text,
                        duration_show(scope, event->millis));
    if (cost == NULL)
        return mem_text(mem, "waiting for %s", wanted_relations(scope, step));
    return mem_text(
        mem, "waiting for %s, %d %s in %s, %s queued", wanted_relations(scope, step),
        cost->tries, cost->tries == 1 ? "try" : "tries",
        duration_show(scope, cost->waited_ms), duration_show(scope, cost->queued_ms));
}

/* Whoever holds before whoever waits; among these, who has had it longest. */
static const Holder *
first_holder(const Look *look)
{
    const Holder *first = NULL;

    for (int i = 0; i < look->count; i++)
    {
        const Holder *holder = &look->holders[i];

        if (first == NULL || holder->granted > first->granted ||
            (holder->granted == first->granted && holder->age_ms > first->age_ms))
            first = holder;
    }
    return first;
}

char *
line_holder(Mem *mem, const Look *look)
{
    MEM_SCOPE(scope, mem);
    const Holder *holder = look == NULL ? NULL : first_holder(look);

    if (holder == NULL)
        return NULL;
    return mem_text(mem, look->count > 1 ? "held by %s and %d more" : "held by %s",
                    holder_show(scope, holder), look->count - 1);
}
