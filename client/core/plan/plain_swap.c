#include "core/plan/plain_swap.h"

#include <string.h>

#include "base/buf.h"
#include "core/plan/plain.h"
#include "core/plan/plain_level.h"
#include "core/plan/plain_undo.h"
#include "core/plan/title.h"

static bool
act_swaps(const Act *act)
{
    return act->action == ACTION_DROP_COLUMN || act->action == ACTION_RENAME_COLUMN;
}

/* How many columns of that table it drops or renames. */
static int
acts_that_swap(const Statement *statement, const QName *table)
{
    int count = 0;

    for (int i = 0; i < statement->act_count; i++)
        count += act_swaps(&statement->acts[i]) &&
                 qname_equal(&statement->acts[i].relation, table);
    return count;
}

static bool
table_is_level(const Draft *draft, const QName *table)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];

        if (qname_equal(&fill->table, table) && !fill->is_delete && !fill->repeat &&
            fill->sync != SYNC_OFF)
            return true;
    }
    return false;
}

bool
plain_swap_takes(const Draft *draft, const Statement *statement)
{
    const QName *table = &statement->acts[0].relation;

    return draft->request->caps->table_locks && table->name != NULL &&
           acts_that_swap(statement, table) > 0 && table_is_level(draft, table);
}

bool
plain_swapped(const Draft *draft, const QName *table)
{
    for (int i = 0; i < draft->steps.count + draft->open; i++)
    {
        const Step *step =
            i < draft->steps.count ? &draft->steps.items[i] : &draft->step;

        if (step->phase == draft->phase && step->level_count > 0 &&
            qname_equal(&step->table, table))
            return true;
    }
    return false;
}

/* --- one ALTER ------------------------------------------------------------------- */

typedef struct Clause
{
    const char *column; /* as it is called before the swap */
    const char *name;   /* what it is called then; NULL: it is dropped */
} Clause;

typedef struct Clauses
{
    Clause *items;
    int count;
    int room;
} Clauses;

/* In one ALTER every name is the old one: what an earlier statement has renamed is
 * changed in its own clause. */
static void
clause_add(Mem *mem, Clauses *clauses, const Act *act)
{
    const char *name = act->action == ACTION_DROP_COLUMN ? NULL : act->new_name;

    for (int i = 0; i < clauses->count; i++)
        if (clauses->items[i].name != NULL &&
            strcasecmp(clauses->items[i].name, act->column) == 0)
        {
            clauses->items[i].name = name;
            return;
        }
    *list_add(mem, clauses) = (Clause){act->column, name};
}

static SqlParsed
swap_alter(const Draft *draft, const QName *table, const Clauses *clauses)
{
    SqlText sql = draft_alter(draft, table);

    for (int i = 0; i < clauses->count; i++)
    {
        const Clause *clause = &clauses->items[i];

        sql_parsed(&sql, (SqlParsed){.text = i == 0 ? " " : ", "});
        sql_parsed(&sql, (SqlParsed){.text = clause->name == NULL ? "DROP COLUMN "
                                                                  : "RENAME COLUMN "});
        sql_ident(&sql, clause->column);
        if (clause->name == NULL)
            continue;
        sql_raw(&sql, " TO ");
        sql_ident(&sql, clause->name);
    }
    return (SqlParsed){.text = sql_done(&sql)};
}

/* --- the step -------------------------------------------------------------------- */

static void
swap_sql(Draft *draft, SqlParsed sql)
{
    draft_sql(draft, sql, NULL);
    draft_show(draft, sql.text);
}

static bool
swap_levels(Draft *draft, const QName *table, Err *err)
{
    LIST(StepLevel) levels = {0};

    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        LevelSql level;

        if (!qname_equal(&fill->table, table))
            continue;
        if (!plain_level(draft, fill, true, &level, err))
            return false;
        if (level.make_count == 0)
            continue;
        *list_add(draft->mem, &levels) = (StepLevel){fill, level.make, level.make_count,
                                                     level.drop, level.drop_count};
        for (int j = 0; j < level.drop_count; j++)
            swap_sql(draft, level.drop[j]);
    }
    draft->step.levels = levels.items;
    draft->step.level_count = levels.count;
    return true;
}

/* As they were written, in the order in which they were. */
static const char *
swap_stands_for(const Draft *draft, const Statement *last)
{
    const Statements *statements = &draft->section->statements;
    Buf text = buf_begin(draft->mem);

    for (int i = 0; i < statements->count; i++)
        if (acts_that_swap(&statements->items[i], &last->acts[0].relation) > 0)
            buf_format(&text, "%s%s", text.length > 0 ? "; " : "",
                       statements->items[i].sql.text);
    return text.text;
}

static bool
swap_step(Draft *draft, const Statement *last, const Clauses *clauses, Err *err)
{
    const QName *table = &last->acts[0].relation;
    StepSeed seed = {.kind = STEP_ALONE,
                     .recipe = "swap",
                     .statement = last,
                     .table = *table,
                     .alone = true};
    SqlText lock = sql_begin(draft->mem, draft->request->caps);

    draft_step(draft, &seed);
    draft->step.stands_for = swap_stands_for(draft, last);
    sql_raw(&lock, "LOCK TABLES ");
    sql_qname(&lock, table);
    sql_raw(&lock, " WRITE");
    swap_sql(draft, (SqlParsed){.text = sql_done(&lock)});
    if (!swap_levels(draft, table, err))
        return false;
    swap_sql(draft, swap_alter(draft, table, clauses));
    swap_sql(draft, (SqlParsed){.text = "UNLOCK TABLES"});
    draft_title(draft, "drop sync trigger");
    return true;
}

static bool
mixed_refused(const Statement *statement, Err *err)
{
    err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
           "this statement does more than drop and rename columns of a table with sync "
           "triggers");
    return err_hint(err, "Write DROP COLUMN and RENAME COLUMN in statements of their "
                         "own: they happen together, at once, with the end of the "
                         "triggers.");
}

bool
plain_swap(Draft *draft, const Statement *statement, Err *err)
{
    const QName *table = &statement->acts[0].relation;
    const Statements *statements = &draft->section->statements;
    Clauses clauses = {0};
    LIST(const Act *) acts = {0};

    if (acts_that_swap(statement, table) < statement->act_count)
        return mixed_refused(statement, err);
    if (!plain_allowed(draft, statement, err))
        return false;
    for (int i = 0; i < statements->count; i++)
    {
        const Statement *other = &statements->items[i];

        if (acts_that_swap(other, table) == 0)
            continue;
        if (other > statement)
            return true;
        for (int j = 0; j < other->act_count; j++)
        {
            clause_add(draft->mem, &clauses, &other->acts[j]);
            *list_add(draft->mem, &acts) = &other->acts[j];
        }
    }
    if (!swap_step(draft, statement, &clauses, err))
        return false;
    for (int i = 0; i < acts.count; i++)
    {
        plain_undo(draft, acts.items[i]);
        draft_title(draft, act_title(draft->mem, statement, acts.items[i]));
    }
    return true;
}
