/* Does a statement find what it names? Asked before anything runs. */
#include <string.h>

#include "base/nearest.h"
#include "core/plan/overlay_table.h"
#include "core/sql/actions.h"

typedef struct Asking
{
    const Overlay *overlay;
    const Act *act;
    const Span *span;
} Asking;

/* What an act needs to be there. */
enum
{
    ITS_TABLE = 1,
    ITS_COLUMN = 2,     /* Act.column */
    ITS_COLUMNS = 4,    /* Act.columns */
    ITS_CONSTRAINT = 8, /* Act.object */
    NO_TABLE = 16,      /* none of that name yet */
    NO_COLUMN = 32,
    ITS_INDEX = 64,   /* Act.other */
    ITS_TRIGGER = 128 /* Act.object */
};

/* clang-format off */
static const unsigned asks[ACTION_COUNT] = {
    [ACTION_CREATE_TABLE]            = NO_TABLE,
    [ACTION_DROP_TABLE]              = ITS_TABLE,
    [ACTION_RENAME_TABLE]            = ITS_TABLE,
    [ACTION_TRUNCATE]                = ITS_TABLE,
    [ACTION_ADD_COLUMN]              = ITS_TABLE | NO_COLUMN,
    [ACTION_ADD_COLUMN_VOLATILE]     = ITS_TABLE | NO_COLUMN,
    [ACTION_ADD_COLUMN_STORED]       = ITS_TABLE | NO_COLUMN,
    [ACTION_ADD_COLUMN_REQUIRED]     = ITS_TABLE | NO_COLUMN,
    [ACTION_ADD_COLUMN_DOMAIN]       = ITS_TABLE | NO_COLUMN,
    [ACTION_ADD_COLUMN_CONSTRAINED]  = ITS_TABLE | NO_COLUMN,
    [ACTION_DROP_COLUMN]             = ITS_TABLE | ITS_COLUMN,
    [ACTION_RENAME_COLUMN]           = ITS_TABLE | ITS_COLUMN,
    [ACTION_SET_DEFAULT]             = ITS_TABLE | ITS_COLUMN,
    [ACTION_DROP_DEFAULT]            = ITS_TABLE | ITS_COLUMN,
    [ACTION_SET_NOT_NULL]            = ITS_TABLE | ITS_COLUMN,
    [ACTION_DROP_NOT_NULL]           = ITS_TABLE | ITS_COLUMN,
    [ACTION_ALTER_TYPE]              = ITS_TABLE | ITS_COLUMN,
    [ACTION_SET_STORAGE]             = ITS_TABLE | ITS_COLUMN,
    [ACTION_IDENTITY]                = ITS_TABLE | ITS_COLUMN,
    [ACTION_ADD_CHECK]               = ITS_TABLE,
    [ACTION_ADD_FOREIGN_KEY]         = ITS_TABLE | ITS_COLUMNS,
    [ACTION_ADD_UNIQUE]              = ITS_TABLE | ITS_COLUMNS,
    [ACTION_ADD_PRIMARY_KEY]         = ITS_TABLE | ITS_COLUMNS,
    [ACTION_ADD_NOT_VALID]           = ITS_TABLE | ITS_COLUMNS,
    [ACTION_ADD_USING_INDEX]         = ITS_TABLE,
    [ACTION_VALIDATE]                = ITS_TABLE | ITS_CONSTRAINT,
    [ACTION_DROP_CONSTRAINT]         = ITS_TABLE | ITS_CONSTRAINT,
    [ACTION_RENAME_CONSTRAINT]       = ITS_TABLE | ITS_CONSTRAINT,
    [ACTION_CREATE_INDEX]            = ITS_TABLE | ITS_COLUMNS,
    [ACTION_CREATE_INDEX_CONCURRENTLY] = ITS_TABLE | ITS_COLUMNS,
    [ACTION_DROP_INDEX]              = ITS_INDEX,
    [ACTION_DROP_INDEX_CONCURRENTLY] = ITS_INDEX,
    [ACTION_RENAME_INDEX]            = ITS_INDEX,
    [ACTION_CREATE_TRIGGER]          = ITS_TABLE | ITS_COLUMNS,
    [ACTION_DROP_TRIGGER]            = ITS_TABLE | ITS_TRIGGER,
    [ACTION_TOGGLE_TRIGGER]          = ITS_TABLE | ITS_TRIGGER,
    [ACTION_INSERT]                  = ITS_TABLE,
    [ACTION_UPDATE]                  = ITS_TABLE,
    [ACTION_DELETE]                  = ITS_TABLE,
};
/* clang-format on */

/* IF EXISTS makes it harmless that something is not there, IF NOT EXISTS that it is. */
static unsigned
asks_of(const Act *act)
{
    unsigned asked = asks[act->action];

    if (act->if_exists)
        asked &=
            action_adds_column(act->action) ? ~(unsigned)NO_COLUMN
            : act->action == ACTION_DROP_COLUMN || act->action == ACTION_DROP_CONSTRAINT
                ? ITS_TABLE
            : (asked & ITS_COLUMNS) != 0 ? asked
                                         : 0;
    if (act->if_table)
        asked &= ~(unsigned)ITS_TABLE;
    return asked;
}

static const char *
nearest_table(Mem *mem, const Overlay *overlay, const char *wrong)
{
    const char **names = mem_array(mem, const char *, overlay->tables.count);

    for (int i = 0; i < overlay->tables.count; i++)
        names[i] = overlay->tables.items[i]->fact.name.name;
    return nearest_name(wrong, names, overlay->tables.count);
}

static bool
meant_hint(const char *meant, Err *err)
{
    return meant != NULL && err_hint(err, "Did you mean \"%s\"?", meant);
}

static bool
table_refused(const Asking *asking, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const QName *name = &asking->act->relation;
    const char *shown = qname_show(scope, name);
    const char *meant = nearest_table(scope, asking->overlay, name->name);

    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "relation \"%s\" does not exist", shown);
    return meant == NULL ? err_missing(err, shown) : meant_hint(meant, err);
}

static bool
column_refused(const Asking *asking, const Laid *laid, const char *column, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char **names = mem_array(scope, const char *, laid->fact.column_count);

    for (int i = 0; i < laid->fact.column_count; i++)
        names[i] = laid->fact.columns[i].name;
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "column \"%s\" of \"%s\" does not exist", column, laid->fact.name.name);
    return meant_hint(nearest_name(column, names, laid->fact.column_count), err);
}

static bool
constraint_refused(const Asking *asking, const Laid *laid, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const TableFact *fact = &laid->fact;
    const char **names = mem_array(scope, const char *, fact->constraint_count);
    int count = 0;

    for (int i = 0; i < fact->constraint_count; i++)
        if (!fact->constraints[i].incoming)
            names[count++] = fact->constraints[i].name;
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "constraint \"%s\" of \"%s\" does not exist", asking->act->object,
           fact->name.name);
    return meant_hint(nearest_name(asking->act->object, names, count), err);
}

static bool
trigger_refused(const Asking *asking, const Laid *laid, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const TableFact *fact = &laid->fact;
    const char **names = mem_array(scope, const char *, fact->trigger_count + 1);

    for (int i = 0; i < fact->trigger_count; i++)
        names[i] = fact->triggers[i].name;
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "trigger \"%s\" of \"%s\" does not exist", asking->act->object,
           fact->name.name);
    return meant_hint(nearest_name(asking->act->object, names, fact->trigger_count),
                      err);
}

static bool
index_exists(const Asking *asking, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const QName *name = &asking->act->other;

    if (laid_find(asking->overlay, name) != NULL ||
        laid_of_index(asking->overlay, name) != NULL)
        return true;
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "index \"%s\" does not exist", qname_show(scope, name));
    return meant_hint(nearest_table(scope, asking->overlay, name->name), err);
}

static bool
already_refused(const Asking *asking, const char *what, const char *name, Err *err)
{
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "%s \"%s\" is there already", what, name);
    return err_hint(err, "If that is as it should be, say IF NOT EXISTS.");
}

/* The server's own columns are in no list. */
static bool
has_column(const Laid *laid, const char *name)
{
    static const char *const system[] = {"ctid", "xmin",     "xmax", "cmin",
                                         "cmax", "tableoid", ""};

    for (int i = 0; i < LENGTH(system); i++)
        if (strcmp(system[i], name) == 0)
            return true;
    return table_column(&laid->fact, name) != NULL;
}

static bool
has_constraint(const Laid *laid, const char *name)
{
    for (int i = 0; i < laid->fact.constraint_count; i++)
        if (!laid->fact.constraints[i].incoming &&
            strcmp(laid->fact.constraints[i].name, name) == 0)
            return true;
    return false;
}

static bool
has_trigger(const Laid *laid, const char *name)
{
    for (int i = 0; i < laid->fact.trigger_count; i++)
        if (strcmp(laid->fact.triggers[i].name, name) == 0)
            return true;
    return false;
}

/* What an ALTER adds is there for its later parts. */
static bool
statement_adds(const Statement *statement, const char *column)
{
    for (int i = 0; i < statement->act_count; i++)
        if (action_adds_column(statement->acts[i].action) &&
            strcmp(statement->acts[i].column, column) == 0)
            return true;
    return false;
}

/* And what it drops goes first. */
static bool
statement_drops(const Statement *statement, const char *column)
{
    for (int i = 0; i < statement->act_count; i++)
        if (statement->acts[i].action == ACTION_DROP_COLUMN &&
            strcmp(statement->acts[i].column, column) == 0)
            return true;
    return false;
}

static bool
parts_exist(const Asking *asking, const Laid *laid, const Statement *statement,
            Err *err)
{
    const Act *act = asking->act;
    unsigned asked = asks_of(act);

    if ((asked & ITS_COLUMN) != 0 && act->column != NULL &&
        !has_column(laid, act->column) && !statement_adds(statement, act->column))
        return column_refused(asking, laid, act->column, err);
    for (int i = 0; (asked & ITS_COLUMNS) != 0 && i < act->column_count; i++)
        if (!has_column(laid, act->columns[i]) &&
            !statement_adds(statement, act->columns[i]))
            return column_refused(asking, laid, act->columns[i], err);
    if ((asked & ITS_CONSTRAINT) != 0 && act->object != NULL &&
        !has_constraint(laid, act->object))
        return constraint_refused(asking, laid, err);
    if ((asked & ITS_TRIGGER) != 0 && act->object != NULL &&
        !has_trigger(laid, act->object))
        return trigger_refused(asking, laid, err);
    if ((asked & NO_COLUMN) != 0 && table_column(&laid->fact, act->column) != NULL &&
        !statement_drops(statement, act->column))
        return already_refused(asking, "column", act->column, err);
    return true;
}

/* --- DROP TABLE: what would not let it go ---------------------------------------- */

/* Its own triggers and sequences go with it. */
static bool
dependent_stays(const char *dependent)
{
    return strncmp(dependent, "rule ", 5) == 0 ||
           strncmp(dependent, "function ", 9) == 0;
}

static bool
statement_drops_table(const Overlay *overlay, const Statement *statement,
                      const QName *name)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Laid *laid = laid_find(overlay, &statement->acts[i].relation);

        if (laid != NULL && statement->acts[i].action == ACTION_DROP_TABLE &&
            qname_equal(&laid->fact.name, name))
            return true;
    }
    return false;
}

/* "rule _RETURN on view towns", "foreign key owned of pets", or NULL. */
static const char *
holds_table(Mem *mem, const Asking *asking, const Laid *laid,
            const Statement *statement)
{
    const TableFact *fact = &laid->fact;

    for (int i = 0; i < fact->constraint_count; i++)
        if (fact->constraints[i].incoming &&
            !statement_drops_table(asking->overlay, statement,
                                   &fact->constraints[i].other))
            return mem_text(mem, "foreign key %s of %s", fact->constraints[i].name,
                            qname_show(mem, &fact->constraints[i].other));
    for (int i = 0; i < fact->column_count; i++)
        for (int j = 0; j < fact->columns[i].dependent_count; j++)
            if (dependent_stays(fact->columns[i].dependents[j]))
                return fact->columns[i].dependents[j];
    return NULL;
}

static bool
table_may_go(const Asking *asking, const Laid *laid, const Statement *statement,
             Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *holder =
        asking->act->cascade ? NULL : holds_table(scope, asking, laid, statement);

    if (holder == NULL)
        return true;
    err_at(err, ERR_REFUSED, asking->span->file, asking->span->line,
           "\"%s\" cannot be dropped: %s depends on it", laid->fact.name.name, holder);
    return err_hint(err, "Drop that first, in a statement before this one.");
}

/* A partition that no statement of the file names, but a recipe does. */
static bool
is_part(const Overlay *overlay, const QName *name)
{
    for (int i = 0; i < overlay->tables.count; i++)
    {
        const TableFact *root = &overlay->tables.items[i]->fact;

        for (int j = 0; j < root->tree_count; j++)
            if (qname_equal(&root->tree[j].name, name))
                return true;
    }
    return false;
}

/* A foreign key of a table that the same statement makes is not asked: its columns are
 * in that statement. */
static bool
act_admitted(const Asking *asking, const Statement *statement, Err *err)
{
    const Act *act = asking->act;
    unsigned asked = asks_of(act);
    const Laid *laid = laid_find(asking->overlay, &act->relation);

    if ((asked & ITS_INDEX) != 0)
        return index_exists(asking, err);
    if (asked == 0 || act->relation.name == NULL || act->relation.name[0] == '\0')
        return true;
    if ((asked & NO_TABLE) != 0)
        return laid == NULL ||
               already_refused(asking, "relation", act->relation.name, err);
    if (laid == NULL)
        return (asked & ITS_TABLE) == 0 || is_part(asking->overlay, &act->relation) ||
               statement_act(statement, ACTION_CREATE_TABLE) != NULL ||
               table_refused(asking, err);
    if (act->action == ACTION_DROP_TABLE && !table_may_go(asking, laid, statement, err))
        return false;
    return laid->in_part || strchr("rpf", laid->fact.kind[0]) == NULL ||
           parts_exist(asking, laid, statement, err);
}

bool
overlay_admits(const Overlay *overlay, const Statement *statement, const Span *span,
               Err *err)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        Asking asking = {overlay, &statement->acts[i], span};

        if (!act_admitted(&asking, statement, err))
            return false;
    }
    return true;
}
