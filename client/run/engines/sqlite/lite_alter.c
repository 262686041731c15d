/* Statements as they come; but what would write a table again several times in a row,
 * because SQLite or its ALTER TABLE knows no other way, does so once. */
#include <string.h>

#include "core/sql/sqlite/lite.h"
#include "run/engines/sqlite/lite_run.h"
#include "run/failure.h"

const Act *
lite_act(Mem *mem, const Run *run, const char *text)
{
    const Section section = {.engine = run->settings->target.engine,
                             .text = text,
                             .text_line = 1,
                             .file = ""};
    Statements statements;
    Err ignored = {0};
    bool read = sql_parse(mem, &section, &statements, &ignored);

    err_clear(&ignored);
    return read && statements.count == 1 ? &statements.items[0].acts[0] : NULL;
}

static bool
at_statement(const Step *step, int index, Err *err)
{
    if (step->spans[index].file != NULL && err->file == NULL)
    {
        err->file = mem_copy(err->mem, step->spans[index].file);
        err->line = step->spans[index].line;
    }
    return false;
}

bool
lite_statement(Run *run, Db *db, const Step *step, int index, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    const char *text = step->sql[index].text;
    const Act *act = lite_act(scope, run, text);
    const Ask ask = {.label = "statement", .sql = text};
    const Script script = {.asks = &ask, .count = 1};
    Reply reply = {0};

    if (act != NULL && lite_rebuilds(act))
        return lite_rebuild(run, db, &(LiteActs){(Act *)act, 1, 1}, err) ||
               at_statement(step, index, err);
    if (!db->driver->start(db, &script, err))
        return false;
    db->driver->finish(db, scope, &reply);
    return reply.outcome == DB_DONE || failure_explain(step, index, &reply, err);
}

/* --- several of one table -------------------------------------------------------- */

/* Statements of one table in a row, from `first` to before `end`. */
typedef struct Stretch
{
    Mem *mem;
    Run *run;
    Db *db;
    const Step *step;
    int first;
    int end;
    const Act **acts; /* one a statement */
    LiteActs again;   /* those that write the table again, put off until the end */
} Stretch;

static bool
writes_again(const Act *act)
{
    return lite_rebuilds(act) || act->action == ACTION_DROP_COLUMN;
}

static void
stretch_find(Stretch *stretch)
{
    const char *table = NULL;

    for (stretch->end = stretch->first; stretch->end < stretch->step->sql_count;
         stretch->end++)
    {
        const Act *act = stretch->acts[stretch->end];

        if (act == NULL ||
            (!writes_again(act) && act->action != ACTION_RENAME_COLUMN) ||
            (table != NULL && strcasecmp(table, act->relation.name) != 0))
            return;
        table = act->relation.name;
    }
}

static bool
stretch_flush(Stretch *stretch, Err *err)
{
    bool good = stretch->again.count == 0 ||
                lite_rebuild(stretch->run, stretch->db, &stretch->again, err);

    stretch->again.count = 0;
    return good;
}

static bool
column_rename(Stretch *stretch, const QName *table, const char *from, const char *to,
              Err *err)
{
    SqlText sql = sql_begin(stretch->mem, stretch->run->caps);
    Reply reply;

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, table);
    sql_raw(&sql, " RENAME COLUMN ");
    sql_ident(&sql, from);
    sql_raw(&sql, " TO ");
    sql_ident(&sql, to);
    return lite_send(stretch->mem, stretch->db, "rename", &sql, &reply, err);
}

/*
 * A new name is given at once: nothing is written for it but the schema, and SQLite has
 * it follow in views, triggers and indexes. What was put off knows the column by its
 * new name then; an expression does not, and comes first.
 */
static bool
stretch_rename(Stretch *stretch, const Act *act, Err *err)
{
    LiteActs *again = &stretch->again;
    bool expressions = false;

    for (int i = 0; i < again->count; i++)
        expressions |= again->items[i].column == NULL;
    if (expressions && !stretch_flush(stretch, err))
        return false;
    for (int i = 0; i < again->count; i++)
    {
        Act *put_off = &again->items[i];
        char *aside = mem_text(stretch->mem, "pgstride_gone_%d", i);

        if (put_off->action == ACTION_DROP_COLUMN &&
            strcasecmp(put_off->column, act->new_name) == 0)
        {
            if (!column_rename(stretch, &act->relation, put_off->column, aside, err))
                return false;
            put_off->column = aside;
        }
        else if (strcasecmp(put_off->column, act->column) == 0)
            put_off->column = act->new_name;
    }
    return column_rename(stretch, &act->relation, act->column, act->new_name, err);
}

static bool
stretch_run(Stretch *stretch, Err *err)
{
    for (int i = stretch->first; i < stretch->end; i++)
    {
        const Act *act = stretch->acts[i];

        if (writes_again(act))
            *list_add(stretch->mem, &stretch->again) = *act;
        else if (!stretch_rename(stretch, act, err))
            return at_statement(stretch->step, i, err);
    }
    return stretch_flush(stretch, err) ||
           at_statement(stretch->step, stretch->first, err);
}

static int
stretch_writes(const Stretch *stretch)
{
    int count = 0;

    for (int i = stretch->first; i < stretch->end; i++)
        count += writes_again(stretch->acts[i]);
    return count;
}

/* Behind it the rows are the same until its last statement. */
static bool
stretch_shared(const Stretch *stretch, Err *err)
{
    int end = stretch->end > stretch->first ? stretch->end : stretch->first + 1;

    for (int i = stretch->first; i < end; i++)
        if (!lite_shared_at(stretch->run, stretch->db, stretch->step, i, err))
            return false;
    return true;
}

bool
lite_statements(Run *run, Db *db, const Step *step, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    Stretch stretch = {.mem = scope, .run = run, .db = db, .step = step};

    stretch.acts = mem_array(scope, const Act *, step->sql_count + 1);
    for (int i = 0; i < step->sql_count; i++)
        stretch.acts[i] = lite_act(scope, run, step->sql[i].text);
    while (stretch.first < step->sql_count)
    {
        stretch_find(&stretch);
        if (!stretch_shared(&stretch, err))
            return false;
        if (stretch_writes(&stretch) > 1 && !lite_verbatim(step))
        {
            if (!stretch_run(&stretch, err))
                return false;
            stretch.first = stretch.end;
        }
        else if (!lite_statement(run, db, step, stretch.first++, err))
            return false;
    }
    return true;
}
