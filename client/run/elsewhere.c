#include "run/elsewhere.h"

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
    OpenTable *open;
    int open_count;
    Rows rows;

    if (count == 0 || !run->history.exists || run->settings->allow_overlap)
        return true;
    if (!db_query(scope, run->watcher, "open_elsewhere", ARGS(run->settings->component),
                  &rows, err) ||
        !rows_decode(scope, &rows, open_columns, LENGTH(open_columns),
                     sizeof(OpenTable), (void **)&open, &open_count, err))
        return false;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < open_count; j++)
            if (!migration_apart(run, chosen[i], &open[j], err))
                return false;
    return true;
}
