/*
 * A backfill along the key: each batch is a transaction that changes the rows between
 * two keys and says how far it came. Rows are locked alone (READ COMMITTED, explicit
 * bounds on both sides): nobody's INSERT waits, not even at the end of the table. The
 * key only rises, so that a batch is never done twice, whenever we die.
 */
#include "run/engines/mysql/fill.h"

#include <string.h>

#include "base/fault.h"
#include "base/stop.h"
#include "run/engines/mysql/mysql.h"
#include "run/history/history.h"
#include "run/tell.h"

enum
{
    ROWS_FIRST = 200,
    ROWS_LEAST = 10,
    ROWS_MOST = 100000,
    BUSY_MOST = 10,   /* batches in a row that met somebody else's rows */
    PASSES_MOST = 20, /* over rows that others keep adding */
    REST_MS = 100
};

/* Until it changes no row; a batch written by hand is taken as it stands. */
static bool
repeat_all(MysqlFill *fill, Err *err)
{
    int64_t changed = 1;

    while (changed > 0)
    {
        MEM_SCOPE(scope, fill->mem);
        double began = clock_now(fill->run->clock);

        if (!mysql_fill_repeat(fill, scope, &changed, err))
            return false;
        fill->batch_ms = clock_now(fill->run->clock) - began;
        mysql_fill_tell(fill, "repeating");
        if (!mysql_pace(fill, fill->batch_ms, err))
            return false;
    }
    return true;
}

/* --- one batch ------------------------------------------------------------------- */

/* As many rows as take about the time that a batch may; at most half as many more at
 * once, so that one lucky batch does not make the next too long. */
static void
rows_adapt(MysqlFill *fill, double took_ms)
{
    double factor = took_ms <= 0 ? 1.5 : mysql_pace_aim_ms(fill) / took_ms;

    factor = factor > 1.5 ? 1.5 : factor < 0.1 ? 0.1 : factor;
    fill->batch_rows = (int64_t)((double)fill->batch_rows * factor);
    fill->batch_rows = fill->batch_rows < ROWS_LEAST  ? ROWS_LEAST
                       : fill->batch_rows > ROWS_MOST ? ROWS_MOST
                                                      : fill->batch_rows;
}

/* Somebody has rows of it: smaller, later. */
static bool
batch_busy(MysqlFill *fill, int *busy, Err *err)
{
    if (err->kind != ERR_BUSY || ++*busy > BUSY_MOST)
        return err_in(err, "in a batch of %lld rows", (long long)fill->batch_rows);
    err_clear(err);
    fill->batch_rows =
        fill->batch_rows / 2 < ROWS_LEAST ? ROWS_LEAST : fill->batch_rows / 2;
    clock_rest(fill->run->clock, REST_MS * *busy);
    return true;
}

/* Is it about what stands in a row, and not about the statement? */
static bool
is_of_row(const Err *err)
{
    static const char *const classes[] = {"22", "23", "45", "HY"};

    for (int i = 0; i < LENGTH(classes) && err->kind == ERR_SQL; i++)
        if (strncmp(err->sqlstate, classes[i], 2) == 0)
            return true;
    return false;
}

/*
 * A row that cannot be filled fails its batch, and the server does not say which: half
 * as many are tried, until it is one. What lies before it is filled meanwhile.
 */
static bool
batch_narrow(MysqlFill *fill, Err *err)
{
    int64_t most = fill->narrow > 0 ? fill->narrow : fill->batch_rows;

    if (!is_of_row(err))
        return false;
    if (most > 1)
    {
        err_clear(err);
        fill->narrow = most / 2;
        return true;
    }
    err_detail(err, "the row: %s of \"%s\"; all before it are filled", fill->bound,
               fill->step->backfill->table.name);
    err_hint(err, "Mend the row, then run it again: it goes on from there.");
    return false;
}

/* The row may have been mended meanwhile: then nothing need stay narrow. */
static void
batch_widen(MysqlFill *fill)
{
    fill->narrow *= 2;
    if (fill->narrow >= fill->batch_rows)
        fill->narrow = 0;
}

/* From the place where it stands to the end of the table. */
static bool
pass_run(MysqlFill *fill, Err *err)
{
    int busy = 0;

    for (bool more = true; more;)
    {
        MEM_SCOPE(scope, fill->mem);
        double began = clock_now(fill->run->clock);

        if (!mysql_fill_batch(fill, scope, &more, err))
        {
            if (!batch_narrow(fill, err) &&
                (is_of_row(err) || !batch_busy(fill, &busy, err)))
                return false;
            more = true;
            continue;
        }
        busy = 0;

        double took_ms = clock_now(fill->run->clock) - began;

        if (fill->narrow > 0)
            batch_widen(fill);
        else
            rows_adapt(fill, took_ms);
        fill->batch_ms = took_ms;
        fault_point(FAULT_batch_after);
        if (!more)
            break;
        mysql_fill_tell(fill, "sweeping");
        if (!mysql_pace(fill, took_ms, err))
            return false;
    }
    return true;
}

/* --- all of it ------------------------------------------------------------------- */

/*
 * Without triggers, rows that the old code writes meanwhile are not filled: passes go
 * over the table until one finds nothing to do.
 */
static bool
passes_run(MysqlFill *fill, Err *err)
{
    for (int pass = 1; pass <= PASSES_MOST; pass++)
    {
        bool clean;

        if (!pass_run(fill, err))
            return false;
        fault_point(FAULT_sweep_done);
        if (!mysql_fill_verify(fill, &clean, err))
            return false;
        if (clean)
            return true;
        tell_note(fill->run, EVENT_NOTE, "rows were written meanwhile: another pass");
        if (!mysql_fill_rewind(fill, err))
            return false;
    }
    err_set(err, ERR_REFUSED, "rows to fill keep coming: the backfill does not end");
    return err_hint(err, "Let the application write the new values first, or say "
                         "sync:forward.");
}

/* Who is in trouble already is left alone before the first batch too. */
static bool
fill_all(MysqlFill *fill, Err *err)
{
    return mysql_pace(fill, 0, err) &&
           (fill->step->backfill->repeat ? repeat_all(fill, err)
                                         : passes_run(fill, err));
}

bool
mysql_fill_differs(Run *run, const Step *step, const Backfill *backfill, bool *differs,
                   Err *err)
{
    Mem *mem = mem_scope_begin(run->mem);
    Progress progress = {0};
    Step about = *step;
    Backfill whole = *backfill;
    MysqlFill fill = {.run = run, .step = &about, .mem = mem, .progress = &progress};
    bool level = true;
    bool good;

    whole.where = backfill->scope;
    about.backfill = &whole;
    good = mysql_fill_begin(&fill, err) && mysql_fill_verify(&fill, &level, err);
    *differs = !level;
    mem_scope_end(&mem);
    return good;
}

bool
mysql_fill_again(Run *run, const Step *step, const Backfill *backfill, Err *err)
{
    Mem *mem = mem_scope_begin(run->mem);
    Progress progress = {0};
    Step again = *step;
    MysqlFill fill = {.run = run,
                      .step = &again,
                      .mem = mem,
                      .progress = &progress,
                      .batch_rows = ROWS_FIRST};
    bool clean = false;
    bool good;

    again.backfill = backfill;
    mysql_pace_begin(&fill);
    good = mysql_fill_begin(&fill, err) && mysql_fill_verify(&fill, &clean, err);
    if (good && !clean)
    {
        tell_note(run, EVENT_NOTE, "rows of \"%s\" are not filled: filling them",
                  backfill->table.name);
        good = mysql_fill_rewind(&fill, err) && passes_run(&fill, err);
    }
    good = good && mysql_fill_end(&fill, err);
    mysql_pace_end(&fill);
    mem_scope_end(&mem);
    return good;
}

bool
mysql_fill(Run *run, const Step *step, Cost *cost, Progress *progress, Err *err)
{
    Mem *mem = mem_scope_begin(run->mem);
    MysqlFill fill = {.run = run,
                      .step = step,
                      .mem = mem,
                      .progress = progress,
                      .batch_rows = ROWS_FIRST};
    bool good;

    mysql_pace_begin(&fill);
    good = mysql_fill_begin(&fill, err);
    cost->tries = 1;
    fault_point(FAULT_sweep_started);
    if (good && !fill.verified)
        good = fill_all(&fill, err);
    if (good)
        fault_point(FAULT_verify_done);
    good = good && mysql_fill_end(&fill, err) && history_done(run, step, err);
    mysql_pace_end(&fill);
    mem_scope_end(&mem);
    return good;
}
