/*
 * Old and new column change places: in one message the table is locked, the triggers
 * that kept both level are dropped, one INSTANT ALTER drops and renames, the lock is
 * given back. No writer comes in between, and none sees another order.
 *
 * That message is not atomic. Should it end behind the triggers (the server dies; on
 * MySQL also: the connection breaks), writers go on without them: so whoever comes next
 * makes them again and fills what is missing, before it tries again. Only the columns
 * tell whether it happened.
 */
#include "run/engines/mysql/mysql.h"

#include <string.h>

#include "base/digest.h"
#include "model/keywords.h"
#include "run/engines/mysql/ask.h"
#include "run/engines/mysql/fill.h"
#include "run/tell.h"

/* For those who look at the table while we have it, in seconds. */
#define LOOKERS_S 1

bool
mysql_swap_print(Run *run, Mem *mem, const Step *step, char **print, Err *err)
{
    MEM_SCOPE(scope, mem);
    Buf columns = buf_begin(scope);
    char hash[DIGEST_HEX];
    Rows rows;

    if (!db_query(scope, run->warden, "column_facts",
                  ARGS(step->table.schema, step->table.name), &rows, err))
        return false;
    for (int i = 0; i < rows.row_count; i++)
        buf_format(&columns, "%s %s\n", rows_cell(&rows, i, "name"),
                   rows_cell(&rows, i, "type"));
    digest_text(columns.text, columns.length, hash);
    *print = mem_copy(mem, hash);
    return true;
}

/* --- level again ----------------------------------------------------------------- */

/* "CREATE TRIGGER `name` BEFORE ...": is it among those that the table has? */
static bool
trigger_is_there(Mem *mem, const Rows *there, const char *make)
{
    for (int i = 0; i < there->row_count; i++)
    {
        const char *name = ident_quoted(mem, rows_cell(there, i, "name"), '`');

        if (strstr(make, mem_text(mem, "%s BEFORE ", name)) != NULL)
            return true;
    }
    return false;
}

static bool
triggers_missing(Run *run, const Step *step, const StepLevel *level, bool *missing,
                 Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Rows there;

    if (!db_query(scope, run->watcher, "table_triggers",
                  ARGS(step->table.schema, step->table.name), &there, err))
        return false;
    for (int i = 0; i < level->make_count; i++)
        missing[i] = !trigger_is_there(scope, &there, level->make[i].text);
    return true;
}

static bool
triggers_make(Run *run, const Step *step, const StepLevel *level, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool *missing = mem_array(scope, bool, level->make_count);
    Cost cost = {0};

    if (!triggers_missing(run, step, level, missing, err))
        return false;
    for (int i = 0; i < level->make_count; i++)
        if (missing[i] &&
            !mysql_try(run, step, &(MysqlText){.sql = level->make[i].text}, &cost, err))
            return err_in(err, "while making a sync trigger again");
    return true;
}

/* Which of two values was written last, nobody can tell. */
static bool
gap_refused(Run *run, const Step *step, const StepLevel *level, Err *err)
{
    const Section *section = level->fill->section;
    bool differs;

    if (section_allows(section, "sync-gap") != NULL)
        return false;
    if (!mysql_fill_differs(run, step, level->fill, &differs, err))
        return true;
    if (!differs)
        return false;
    err_at(err, ERR_REFUSED, level->fill->statement->span.file,
           level->fill->statement->span.line,
           "a sync trigger of \"%s\" is missing, and rows differ that it would have "
           "kept level",
           step->table.name);
    err_hint(err, "Write the right value into both columns of those rows, or say that "
                  "they may differ: allow:sync-gap:\"reason\".");
    return true;
}

/* Rows that were inserted meanwhile are filled, those that were changed are not ours to
 * judge; then the triggers are made, and what came in between is looked at again. */
static bool
gap_mend(Run *run, const Step *step, const StepLevel *level, Err *err)
{
    tell_note(run, EVENT_NOTE, "a sync trigger of \"%s\" is missing: made again",
              step->table.name);
    return mysql_fill_again(run, step, level->fill, err) &&
           !gap_refused(run, step, level, err) &&
           triggers_make(run, step, level, err) &&
           mysql_fill_again(run, step, level->fill, err) &&
           !gap_refused(run, step, level, err);
}

static bool
level_settle(Run *run, const Step *step, const StepLevel *level, bool look, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    bool *missing = mem_array(scope, bool, level->make_count + 1);

    if (!triggers_missing(run, step, level, missing, err))
        return false;
    for (int i = 0; i < level->make_count; i++)
        if (missing[i])
            return gap_mend(run, step, level, err);
    return !look || mysql_fill_again(run, step, level->fill, err);
}

static bool
levels_settle(Run *run, const Step *step, bool look, Err *err)
{
    for (int i = 0; i < step->level_count; i++)
        if (!level_settle(run, step, &step->levels[i], look, err))
            return false;
    return true;
}

/* What is begun decides for itself how far it came. */
static bool
step_begun(const Run *run, const Step *step)
{
    for (int i = 0; i < run->history.step_count; i++)
        if (strcmp(run->history.steps[i].version, step->migration->version) == 0 &&
            strcmp(run->history.steps[i].hash, step->hash) == 0)
            return true;
    return false;
}

bool
mysql_swap_settle(Run *run, const Plan *plan, Err *err)
{
    for (int i = 0; i < plan->step_count; i++)
        if (!step_begun(run, &plan->steps[i]) &&
            !levels_settle(run, &plan->steps[i], true, err))
            return false;
    return true;
}

/* --- the swap -------------------------------------------------------------------- */

/*
 * LOCK TABLES; the triggers; the ALTER in that manner; UNLOCK TABLES. Who has the lock
 * may still meet others who only look at the table: they are waited for, no writer can
 * come in between. Between two statements of a message a server notices that its client
 * is gone: where it knows anonymous blocks, what must not end in the middle is one
 * statement.
 */
static const char *
swap_text(Mem *mem, const Run *run, const Step *step, const Manner *manner)
{
    Buf text = buf_begin(mem);
    bool block = strcmp(run->caps->product, "MariaDB") == 0;
    int alter = step->sql_count - 2;

    buf_format(&text, "%s;\n%sSET SESSION lock_wait_timeout = %d;\n", step->sql[0].text,
               block ? "BEGIN NOT ATOMIC\n" : "", LOOKERS_S);
    for (int i = 1; i < alter; i++)
        buf_format(&text, "%s;\n", step->sql[i].text);
    buf_format(&text, "%s;\n%s%s", mysql_text_with(mem, step->sql[alter].text, manner),
               block ? "END;\n" : "", step->sql[alter + 1].text);
    return text.text;
}

/* Whatever of it was done, the table is level again, and free: in this order, or who
 * writes next is not followed. */
static bool
swap_mend(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask unlock = {.label = "unlock", .sql = "UNLOCK TABLES"};
    Reply reply;

    for (int i = 0; i < step->level_count; i++)
        if (!triggers_make(run, step, &step->levels[i], err))
            return false;
    return db_script(scope, run->worker, &unlock, 1, &reply, err);
}

static bool
swap_failed(Run *run, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const Ask unlock = {.label = "unlock", .sql = "UNLOCK TABLES"};
    Reply reply;
    Err ignored = {0};

    if (err->kind == ERR_LOST)
        return false;
    if (!swap_mend(run, step, &ignored))
        db_script(scope, run->worker, &unlock, 1, &reply, &ignored);
    err_clear(&ignored);
    return false;
}

bool
mysql_swap(Run *run, const Step *step, Cost *cost, const Manner **manner, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *alter = step->sql[step->sql_count - 2].text;

    if (!levels_settle(run, step, false, err) ||
        !mysql_ask(run, &step->table, alter, manner, err))
        return false;
    if (*manner == NULL)
    {
        err_at(err, ERR_REFUSED, step->span.file, step->span.line,
               "the server does not say how it would change \"%s\"", step->table.name);
        return err_hint(err, "It is asked on an empty table like it: GRANT CREATE, "
                             "ALTER, DROP on this database.");
    }
    if (!(*manner)->instant && !mysql_blocking_allowed(run, step, *manner, err))
        return false;

    const MysqlText text = {swap_text(scope, run, step, *manner), *manner, swap_mend};

    return mysql_try(run, step, &text, cost, err) || swap_failed(run, step, err);
}
