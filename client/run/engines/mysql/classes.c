/*
 * What plan says of every change of a table, and what is refused before the first one:
 * the statements are tried one after the other on empty tables like theirs, so that
 * each meets what those before it have left.
 */
#include "run/engines/mysql/ask.h"
#include "run/engines/mysql/fill.h"

#include <string.h>

#include "core/sql/mysql/mysql.h"
#include "run/facts/probe.h"
#include "run/run.h"

/* A table that the plans change, and the empty one like it. */
typedef struct Clone
{
    QName table;
    QName clone;
    bool lost; /* a statement failed on it, or it could not be made: no answers */
    int64_t versions; /* of its rows, that the statements so far have left */
} Clone;

typedef struct Classes
{
    Run *run;
    Mem *mem;
    LIST(Clone) clones;
    bool rows_change; /* by a step that was looked at: what they are then, nobody knows
                       */
} Classes;

/* Only a lost connection ends the asking: what else goes wrong is told when it runs. */
static bool
passed_over(Err *err)
{
    if (err->kind == ERR_LOST || err->kind == ERR_STOPPED)
        return false;
    err_clear(err);
    return true;
}

static bool
clone_of(Classes *classes, const QName *table, Clone **clone, Err *err)
{
    for (int i = 0; i < classes->clones.count; i++)
        if (qname_equal(&classes->clones.items[i].table, table))
        {
            *clone = &classes->clones.items[i];
            return true;
        }
    *clone = list_add(classes->mem, &classes->clones);
    **clone = (Clone){.table = *table};
    (*clone)->lost = !mysql_clone_make(classes->run, classes->mem,
                                       &(CloneAsk){*table, classes->clones.count},
                                       &(*clone)->clone, err);
    return !(*clone)->lost || passed_over(err);
}

static bool
step_recorded(const Run *run, const Step *step)
{
    for (int i = 0; i < run->history.step_count; i++)
        if (strcmp(run->history.steps[i].version, step->migration->version) == 0 &&
            strcmp(run->history.steps[i].hash, step->hash) == 0)
            return true;
    return false;
}

/* The change of a table that the step makes; NULL: none that could be asked about. */
static const char *
step_change(const Run *run, const Step *step)
{
    const char *text;

    if (step->kind != STEP_ALONE || step->undoes || step->table.name == NULL ||
        step->sql_count == 0 || step_recorded(run, step))
        return NULL;
    text = step->sql[step->level_count > 0 ? step->sql_count - 2 : 0].text;
    return mysql_may_ask(text) ? text : NULL;
}

static void
step_note(Classes *classes, Step *step, const char *note)
{
    const char **notes =
        mem_array(classes->run->mem, const char *, step->note_count + 1);

    for (int i = 0; i < step->note_count; i++)
        notes[i] = step->notes[i];
    notes[step->note_count++] = mem_copy(classes->run->mem, note);
    step->notes = notes;
}

/* --- versions of rows ------------------------------------------------------------ */

/* Of that table; `most` 0: it knows none, or does not tell this account. */
typedef struct Versions
{
    int64_t count;
    int64_t most;
} Versions;

static bool
versions_read(Classes *classes, const QName *table, Versions *versions, Err *err)
{
    Rows rows;

    *versions = (Versions){0};
    if (!db_query(classes->mem, classes->run->watcher, "row_versions",
                  ARGS(table->schema, table->name), &rows, err))
        return passed_over(err);
    if (rows.row_count > 0 && rows_cell(&rows, 0, "versions") != NULL)
        *versions =
            (Versions){rows_int(&rows, 0, "versions"), rows_int(&rows, 0, "most")};
    return true;
}

static bool
versions_refused(const Step *step, const Versions *versions, Err *err)
{
    err_at(err, ERR_REFUSED, step->span.file, step->span.line,
           "\"%s\" cannot hold one more INSTANT change: it has had %lld of %lld",
           step->table.name, (long long)versions->count, (long long)versions->most);
    return err_hint(err,
                    "Rebuild it first, which starts the count again and lets writers "
                    "go on: ALTER TABLE %s ENGINE=InnoDB; or say ALGORITHM=INPLACE in "
                    "the statement, which rebuilds it too.",
                    step->table.name);
}

/* INSTANT changes of columns leave versions of rows behind, which the server counts
 * until it takes no more. The empty table began at none, so that it has had what the
 * plans need. */
static bool
versions_count(Classes *classes, Step *step, Clone *clone, Err *err)
{
    enum
    {
        NEAR = 8
    };
    Versions has;
    Versions needs;

    if (!versions_read(classes, &step->table, &has, err) ||
        !versions_read(classes, &clone->clone, &needs, err))
        return false;
    if (has.most == 0 || needs.count == clone->versions)
        return true;
    clone->versions = needs.count;
    if (has.count + needs.count > has.most)
        return versions_refused(step, &has, err);
    step_note(classes, step,
              mem_text(classes->mem, "row versions: %lld of %lld%s",
                       (long long)(has.count + needs.count), (long long)has.most,
                       has.count + needs.count + NEAR < has.most
                           ? ""
                           : "; behind them INSTANT ends, until ALTER TABLE ... "
                             "ENGINE=InnoDB has rebuilt the table"));
    return true;
}

/* --- ways ------------------------------------------------------------------------ */

static bool
step_ask(Classes *classes, Step *step, const char *text, Err *err)
{
    const Manner *manner = NULL;
    Clone *clone;

    if (!clone_of(classes, &step->table, &clone, err))
        return false;
    if (clone->lost)
        return true;
    if (!mysql_clone_ask(classes->run, &clone->clone, text, &manner, err))
        return passed_over(err);
    clone->lost = manner == NULL;
    if (manner == NULL)
        return true;
    step->manner = manner->shown;
    if (mysql_instant_flawed(classes->run->caps))
        step_note(classes, step,
                  "INSTANT is not asked for: in MySQL 8.0.29 to 8.0.31 a crash could "
                  "lose what it had changed");
    if (manner->builds)
    {
        step_note(classes, step, "replicas lag for about as long as this takes here");
        step_note(classes, step,
                  mem_text(classes->mem,
                           "at its end it waits for who uses the table by then, and "
                           "others behind it: for %d s at most",
                           MYSQL_END_QUEUE_S));
    }
    return (!manner->instant || versions_count(classes, step, clone, err)) &&
           (!manner->blocks_writers ||
            mysql_blocking_allowed(classes->run, step, manner, err));
}

/* What a backfill will not rest for, and what it is refused for, is known before it
 * begins. */
static bool
fill_foresee(Classes *classes, Step *step, Err *err)
{
    const char *lag;

    if (step->kind != STEP_BACKFILL || step_recorded(classes->run, step))
        return true;
    lag = mysql_blind_lag(classes->run, classes->mem);
    if (lag != NULL)
        step_note(classes, step, lag);
    return mysql_fill_foresee(classes->run, step, err);
}

/* What the step asks first is asked before anything changes, where that costs nobody
 * anything: else a migration stops midway. Of large tables it is asked once. */
static bool
rows_foresee(Classes *classes, const Step *step, Err *err)
{
    Run *run = classes->run;
    const Probe *probe = &step->probe;
    const Ask ask = {.label = "probe", .sql = probe->sql.text};
    bool large;
    Reply reply;

    if (step_recorded(run, step))
        return true;
    classes->rows_change |= step->kind != STEP_ALONE;
    if (ask.sql == NULL || probe->blame || classes->rows_change)
        return true;
    if (!mysql_is_large(run, &step->table, &large, err))
        return passed_over(err);
    if (large)
        return true;
    if (!db_script(classes->mem, run->watcher, &ask, 1, &reply, err))
        return passed_over(err);

    Answer answer = probe_answer(classes->mem, probe, &reply.rows[0]);

    return answer.left_over == 0 ||
           probe_refuse(step, &step->span, probe, &answer, err);
}

static void
clones_drop(Classes *classes)
{
    Err ignored = {0};

    for (int i = 0; i < classes->clones.count; i++)
        if (classes->clones.items[i].clone.name != NULL)
            mysql_clone_drop(classes->run, &classes->clones.items[i].clone, &ignored);
    err_clear(&ignored);
}

bool
mysql_classes(Run *run, const Plans *plans, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Classes classes = {.run = run, .mem = scope};
    bool good = true;

    for (int i = 0; i < plans->count && good && !run->caps->in_recovery; i++)
        for (int j = 0; j < plans->items[i]->step_count && good; j++)
        {
            Step *step = &plans->items[i]->steps[j];
            const char *text = step_change(run, step);

            good = fill_foresee(&classes, step, err) &&
                   rows_foresee(&classes, step, err) &&
                   (text == NULL || step_ask(&classes, step, text, err));
        }
    clones_drop(&classes);
    return good;
}
