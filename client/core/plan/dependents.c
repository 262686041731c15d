#include "core/plan/dependents.h"

#include <string.h>

#include "core/plan/phase_steps.h"
#include "core/plan/plan.h"
#include "core/sql/sql.h"

/* What an undo takes away: a column, or with column NULL the whole relation. */
typedef struct Taken
{
    QName relation;
    const char *column;
} Taken;

typedef LIST(Taken) TakenAway;

static void
taken_by(Mem *mem, const Statement *statement, TakenAway *taken)
{
    for (int i = 0; i < statement->act_count; i++)
    {
        const Act *act = &statement->acts[i];
        bool column = act->action == ACTION_DROP_COLUMN;

        if (column || act->action == ACTION_DROP_TABLE ||
            act->action == ACTION_DROP_VIEW)
            *list_add(mem, taken) = (Taken){act->relation, column ? act->column : NULL};
    }
}

static void
taken_by_text(Mem *mem, const Section *sent, TakenAway *taken)
{
    Statements statements;
    Err unread = {0};

    if (sql_parse(mem, sent, &statements, &unread))
        for (int i = 0; i < statements.count; i++)
            taken_by(mem, &statements.items[i], taken);
    err_clear(&unread);
}

static void
taken_away(Mem *mem, const Plan *down, TakenAway *taken)
{
    for (int i = 0; i < down->step_count; i++)
        for (int j = 0; j < down->steps[i].sql_count; j++)
            taken_by_text(mem,
                          &(Section){.engine = down->migration->engine,
                                     .text = down->steps[i].sql[j].text,
                                     .text_line = 1,
                                     .file = ""},
                          taken);
}

static bool
names_column(const char *const *columns, int count, const char *column)
{
    for (int i = 0; i < count; i++)
        if (strcmp(columns[i], column) == 0)
            return true;
    return false;
}

/* Rows that were read or written once leave nothing behind that could break. */
static bool
act_is_passing(Action action)
{
    return action == ACTION_INSERT || action == ACTION_UPDATE ||
           action == ACTION_DELETE || action == ACTION_SELECT ||
           action == ACTION_MERGE || action == ACTION_COPY || action == ACTION_ANALYZE;
}

static bool
act_stands_on(const Act *act, const Taken *taken)
{
    bool its_table = qname_may_equal(&act->relation, &taken->relation);
    bool its_other =
        act->other.name != NULL && qname_may_equal(&act->other, &taken->relation);

    if (act_is_passing(act->action))
        return false;
    if (taken->column == NULL)
        return its_table || its_other;
    return its_table &&
           ((act->column != NULL && strcmp(act->column, taken->column) == 0) ||
            names_column(act->columns, act->column_count, taken->column));
}

static bool
fill_stands_on(const Backfill *fill, const Taken *taken)
{
    if (fill->sync == SYNC_OFF || taken->column == NULL ||
        !qname_may_equal(&fill->table, &taken->relation))
        return false;
    for (int i = 0; i < fill->assignment_count; i++)
        if (strcmp(fill->assignments[i].target, taken->column) == 0 ||
            names_column(fill->assignments[i].sources,
                         fill->assignments[i].source_count, taken->column))
            return true;
    return names_column(fill->where_columns, fill->where_column_count, taken->column);
}

static bool
stands_refused(const Plan *down, const Migration *later, const Span *span,
               const Taken *taken, Err *err)
{
    MEM_SCOPE(scope, NULL);
    const char *table = qname_show(scope, &taken->relation);

    if (taken->column != NULL)
        err_at(err, ERR_REFUSED, span->file, span->line,
               "%s would take away column \"%s\" of \"%s\", which %s uses",
               down->migration->label, taken->column, table, later->label);
    else
        err_at(err, ERR_REFUSED, span->file, span->line,
               "%s would take away \"%s\", which %s uses", down->migration->label,
               table, later->label);
    return err_hint(err, "Take the later one down first: pgstride down %s.",
                    later->version);
}

static bool
statement_stands_on(const Statement *statement, const Taken *taken)
{
    for (int i = 0; i < statement->act_count; i++)
        if (act_stands_on(&statement->acts[i], taken))
            return true;
    return false;
}

/* The first statement of the migration that needs it still, or NULL. */
static const Statement *
stands_on(const Migration *later, const Taken *taken)
{
    for (int i = 0; i < later->section_count; i++)
    {
        const Section *section = &later->sections[i];

        for (int j = 0; !section->down && j < section->statements.count; j++)
            if (statement_stands_on(&section->statements.items[j], taken))
                return &section->statements.items[j];
    }
    return NULL;
}

static bool
taken_check(Mem *mem, const Plan *down, const Migration *later, State state,
            const Taken *taken, Err *err)
{
    const Statement *statement = stands_on(later, taken);
    Backfill *fills = NULL;
    int count = 0;

    if (statement != NULL)
        return stands_refused(down, later, &statement->span, taken, err);
    if (state != STATE_EXPANDED && state != STATE_BACKFILLED)
        return true;
    if (!plan_backfills(mem, later, &fills, &count, err))
        return false;
    for (int i = 0; i < count; i++)
        if (fill_stands_on(&fills[i], taken))
            return stands_refused(down, later, &fills[i].statement->span, taken, err);
    return true;
}

bool
dependents_check(const Plan *down, const Migration *later, State state, Err *err)
{
    MEM_SCOPE(scope, NULL);
    TakenAway taken = {0};

    taken_away(scope, down, &taken);
    for (int i = 0; i < taken.count; i++)
        if (!taken_check(scope, down, later, state, &taken.items[i], err))
            return false;
    return true;
}
