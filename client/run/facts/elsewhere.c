#include "run/facts/elsewhere.h"

#include "core/sql/sql.h"

/* A table that waits for the contract of somebody else's migration. */
typedef struct OpenTable
{
    char *component;
    char *label;
    char *schema;
    char *name;
} OpenTable;

static const Column open_columns[] = {
    COLUMN(TEXT, OpenTable, component),
    COLUMN(TEXT, OpenTable, label),
    COLUMN(TEXT, OpenTable, schema),
    COLUMN(TEXT, OpenTable, name),
};

/* A step that was sent for one. */
typedef struct OpenStep
{
    char *component;
    char *label;
    char *sql;
} OpenStep;

static const Column step_columns[] = {
    COLUMN(TEXT, OpenStep, component),
    COLUMN(TEXT, OpenStep, label),
    COLUMN(TEXT, OpenStep, sql),
};

typedef struct OpenTables
{
    LIST(OpenTable) of;
} OpenTables;

/* --- gather ---------------------------------------------------------------------- */

static bool
open_tables_filled(Run *run, Mem *mem, OpenTables *open, Err *err)
{
    OpenTable *found;
    int count;
    Rows rows;

    if (!db_query(mem, run->watcher, "open_elsewhere", ARGS(run->settings->component),
                  &rows, err) ||
        !rows_decode(mem, &rows, open_columns, LENGTH(open_columns), sizeof(OpenTable),
                     (void **)&found, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        *list_add(mem, &open->of) = found[i];
    return true;
}

/* What the history has scrubbed may be no SQL any more; then the backfills still tell.
 */
static void
open_tables_of_step(const Run *run, Mem *mem, OpenTables *open, const OpenStep *step)
{
    const Section section = {.engine = run->caps->engine,
                             .text = step->sql,
                             .text_line = 1,
                             .file = "the history"};
    Statements statements;
    Err ignored = {0};

    if (!sql_parse(mem, &section, &statements, &ignored))
        statements.count = 0;
    err_clear(&ignored);
    for (int i = 0; i < statements.count; i++)
        for (int j = 0; j < statements.items[i].act_count; j++)
        {
            const QName *table = &statements.items[i].acts[j].relation;

            if (table->name != NULL)
                *list_add(mem, &open->of) = (OpenTable){step->component, step->label,
                                                        table->schema, table->name};
        }
}

static bool
open_tables_sent(Run *run, Mem *mem, OpenTables *open, Err *err)
{
    OpenStep *steps;
    int count;
    Rows rows;

    if (!db_query(mem, run->watcher, "steps_elsewhere", ARGS(run->settings->component),
                  &rows, err) ||
        !rows_decode(mem, &rows, step_columns, LENGTH(step_columns), sizeof(OpenStep),
                     (void **)&steps, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        open_tables_of_step(run, mem, open, &steps[i]);
    return true;
}

/* --- decide ---------------------------------------------------------------------- */

static bool
refuse(const Run *run, const Migration *next, const OpenTable *open, Err *err)
{
    err_at(err, ERR_REFUSED, next->file, 0,
           "%s touches \"%s\", which %s of component \"%s\" has not contracted yet",
           next->label, open->name, open->label, open->component);
    err_detail(err, "component \"%s\" is ours", run->settings->component);
    return err_hint(err,
                    "Contract it first: pgstride contract --component %s. Or, if they "
                    "do not get in each other's way: --allow-overlap.",
                    open->component);
}

static bool
statement_apart(const Run *run, const Migration *next, const Statement *statement,
                const OpenTable *open, Err *err)
{
    QName table = {open->schema, open->name};

    for (int i = 0; i < statement->act_count; i++)
    {
        const QName *touched = &statement->acts[i].relation;

        if (touched->name != NULL && qname_may_equal(touched, &table))
            return refuse(run, next, open, err);
    }
    return true;
}

static bool
migration_apart(const Run *run, const Migration *next, const OpenTable *open, Err *err)
{
    for (int i = 0; i < next->section_count; i++)
    {
        const Statements *statements = &next->sections[i].statements;

        for (int j = 0; j < statements->count; j++)
            if (!statement_apart(run, next, &statements->items[j], open, err))
                return false;
    }
    return true;
}

bool
elsewhere_apart(Run *run, Migration *const *chosen, int count, Err *err)
{
    MEM_SCOPE(scope, run->mem);
    OpenTables open = {0};

    if (count == 0 || !run->history.exists || run->settings->allow_overlap)
        return true;
    if (!open_tables_filled(run, scope, &open, err) ||
        !open_tables_sent(run, scope, &open, err))
        return false;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < open.of.count; j++)
            if (!migration_apart(run, chosen[i], &open.of.items[j], err))
                return false;
    return true;
}
