/*
 * ADD COLUMN with a default of its own for every row, serial, identity, constraints.
 *
 * The column comes empty, and its default for new rows with it. Old rows are filled in
 * batches: in backfill where the migration has phases, else at once. What needs every
 * row filled (NOT NULL, identity, constraints) comes behind, each by the recipe that it
 * has anyway.
 */
#include <string.h>

#include "core/plan/eligible.h"
#include "core/plan/phase.h"
#include "core/plan/phase_steps.h"
#include "core/recipes/parts.h"
#include "core/sql/sql.h"

#define RECIPE "new-column"

/* t_c_seq for a serial; for an identity one of our own, which its sequence replaces. */
static QName
sequence_name(Draft *draft, const Statement *statement, const Act *act)
{
    const TableFact *table = draft_table(draft, &act->relation);
    bool serial = act->type != NULL && strstr(act->type, "serial") != NULL;
    const Naming naming = {.recipe = RECIPE,
                           .statement = statement,
                           .act = act,
                           .columns = (const char **)&act->column,
                           .column_count = 1,
                           .label = "seq"};
    const char *own = recipe_name(draft, &act->relation, act->column);

    return (QName){table == NULL ? act->relation.schema : table->name.schema,
                   (char *)(serial ? chosen_name(draft, &naming) : own)};
}

/* Its owner must be the table's, and with the column it goes. */
static void
sequence_add(Draft *draft, const Act *act, const ColumnParts *parts,
             const QName *sequence)
{
    const TableFact *table = draft_table(draft, &act->relation);
    SqlText owner = sql_begin(draft->mem, draft->request->caps);
    SqlText owned = sql_begin(draft->mem, draft->request->caps);

    recipe_add_parsed(draft, parts->sequence, NULL);
    sql_raw(&owner, "ALTER SEQUENCE ");
    sql_qname(&owner, sequence);
    sql_raw(&owner, " OWNER TO ");
    if (table != NULL && strcmp(table->owner, draft->request->facts->user) != 0)
    {
        sql_ident(&owner, table->owner);
        recipe_add(draft, &owner, NULL);
    }
    sql_raw(&owned, "ALTER SEQUENCE ");
    sql_qname(&owned, sequence);
    sql_raw(&owned, " OWNED BY ");
    sql_qname(&owned, &act->relation);
    sql_raw(&owned, ".");
    sql_ident(&owned, act->column);
    recipe_add(draft, &owned, NULL);
}

static SqlText
alter_column(Draft *draft, const Act *act)
{
    SqlText sql = draft_alter(draft, &act->relation);

    sql_raw(&sql, " ALTER COLUMN ");
    sql_ident(&sql, act->column);
    return sql;
}

/* 'schema.name', for functions that take a relation as text. */
static void
sql_relation_text(Draft *draft, SqlText *sql, const QName *name)
{
    SqlText text = sql_begin(draft->mem, draft->request->caps);

    sql_qname(&text, name);
    sql_string(sql, sql_done(&text));
}

static void
default_add(Draft *draft, const Act *act, const ColumnParts *parts,
            const QName *sequence)
{
    SqlText sql = alter_column(draft, act);

    sql_raw(&sql, " SET DEFAULT ");
    if (parts->sequence.text != NULL)
    {
        sql_raw(&sql, "nextval(");
        sql_relation_text(draft, &sql, sequence);
        sql_raw(&sql, "::regclass)");
    }
    else
        sql_parsed(&sql, parts->value);
    recipe_add(draft, &sql, NULL);
}

/* The column, empty, with the default that new rows get from now on. */
static void
column_step(Draft *draft, const Statement *statement, const Act *act,
            const ColumnParts *parts, const QName *sequence)
{
    SqlText drop = draft_alter(draft, &act->relation);

    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, RECIPE, statement);
    draft_lock(draft, &act->relation, LOCK_ACCESS_EXCLUSIVE, false);
    recipe_add_parsed(draft, parts->plain,
                      mem_text(draft->mem, "ADD COLUMN %s", act->column));
    if (parts->sequence.text != NULL)
        sequence_add(draft, act, parts, sequence);
    if (parts->sequence.text != NULL || parts->value.text != NULL)
        default_add(draft, act, parts, sequence);
    sql_raw(&drop, " DROP COLUMN IF EXISTS ");
    sql_ident(&drop, act->column);
    draft_undo(draft, (SqlParsed){.text = sql_done(&drop)}, "drop column");
}

/* --- what follows, as statements that its author could have written -------------- */

static void
note_values(Draft *draft, const ColumnParts *parts)
{
    if (parts->sequence.text != NULL)
        *list_add(draft->mem, &draft->notes) =
            "old rows are numbered as the sweep meets them, in the order of no key";
    if (!parts->not_null)
        *list_add(draft->mem, &draft->notes) =
            "a NULL that is written on purpose before the backfill is done is filled "
            "like the old rows";
}

/* A default that is another for every row is its own WHERE: what is NULL is not done.
 */
static bool
fill_steps(Draft *draft, const Statement *statement, const Act *act,
           const ColumnParts *parts, Err *err)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);
    Section *section = mem_new(draft->mem, Section);
    Backfill *fill = mem_new(draft->mem, Backfill);
    BackfillSource source = {.migration = draft->request->migration,
                             .section = section,
                             .number = draft->fills.count + ++draft->derived_fills};

    sql_raw(&sql, "UPDATE ");
    sql_qname(&sql, &act->relation);
    sql_raw(&sql, " SET ");
    sql_ident(&sql, act->column);
    sql_raw(&sql, " = DEFAULT WHERE ");
    sql_ident(&sql, act->column);
    sql_raw(&sql, " IS NULL");
    *section = *draft->section;
    section->options.sync = SYNC_OFF;
    section->options.reverse = NULL;
    if (!recipe_derive(draft, statement, sql_done(&sql), &source.statement, err) ||
        !backfill_read(draft->mem, &source, fill, err) ||
        !eligible_fill(draft->request->facts, fill, err))
        return false;
    fill->is_volatile = true;
    fill_draft(draft, fill);
    note_values(draft, parts);
    return true;
}

static bool
not_null_steps(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    SqlText sql = alter_column(draft, act);

    sql_raw(&sql, " SET NOT NULL");
    return recipe_draft(draft, statement, sql_done(&sql), err);
}

/* The default gives way to the identity, whose sequence goes on where ours stood: all
 * under one lock, so that no row comes in between. */
static void
identity_step(Draft *draft, const Statement *statement, const Act *act,
              const ColumnParts *parts)
{
    const QName sequence = sequence_name(draft, statement, act);
    SqlText drop = alter_column(draft, act);
    SqlText level = sql_begin(draft->mem, draft->request->caps);
    SqlText free = sql_begin(draft->mem, draft->request->caps);
    SqlText gone = sql_begin(draft->mem, draft->request->caps);
    SqlText undo = alter_column(draft, act);

    sql_raw(&drop, " DROP DEFAULT");
    /* Or it would be taken for the column's own. */
    sql_raw(&free, "ALTER SEQUENCE ");
    sql_qname(&free, &sequence);
    sql_raw(&free, " OWNED BY NONE");
    sql_raw(&level, "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(");
    sql_relation_text(draft, &level, &act->relation);
    sql_raw(&level, ", ");
    sql_string(&level, act->column);
    sql_raw(&level, "), pg_catalog.nextval(");
    sql_relation_text(draft, &level, &sequence);
    sql_raw(&level, "), false)");
    sql_raw(&gone, "DROP SEQUENCE ");
    sql_qname(&gone, &sequence);
    sql_raw(&undo, " DROP IDENTITY IF EXISTS");
    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, "identity", statement);
    draft_lock(draft, &act->relation, LOCK_ACCESS_EXCLUSIVE, false);
    recipe_add(draft, &drop, NULL);
    recipe_add(draft, &free, NULL);
    recipe_add_parsed(draft, parts->identity,
                      mem_text(draft->mem, "IDENTITY %s", act->column));
    recipe_add(draft, &level, NULL);
    recipe_add(draft, &gone, NULL);
    draft_undo(draft, (SqlParsed){.text = sql_done(&undo)}, "drop identity");
}

static bool
column_rest(Draft *draft, const Statement *statement, const Act *act,
            const ColumnParts *parts, Err *err)
{
    bool filled = parts->sequence.text != NULL || parts->value.text != NULL;

    if ((filled && !fill_steps(draft, statement, act, parts, err)) ||
        (parts->not_null && !not_null_steps(draft, statement, act, err)))
        return false;
    if (parts->identity.text != NULL)
        identity_step(draft, statement, act, parts);
    for (int i = 0; i < parts->constraint_count; i++)
        if (!recipe_draft(draft, statement, parts->constraints[i].text, err))
            return false;
    return true;
}

static bool
column_refused(const Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    const Span *span = &statement->span;

    if (draft->phase == PHASE_CONTRACT)
        return !err_at(err, ERR_REFUSED, span->file, span->line,
                       "a column that must be filled is added in contract") &&
               !err_hint(err, "Add it in expand: its rows are filled in backfill.");
    if (act->if_exists)
        return !err_at(err, ERR_REFUSED, span->file, span->line,
                       "\"%s\" may be there already, and is added in several steps",
                       act->column) &&
               !err_hint(err, "Leave out IF NOT EXISTS: what is done is not done "
                              "again.");
    return false;
}

bool
recipe_new_column(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    bool filled = act->action != ACTION_ADD_COLUMN_CONSTRAINED;
    ColumnParts *parts = mem_new(draft->mem, ColumnParts);
    const Statement *outer = draft->whole;
    QName sequence = {0};
    bool good;

    if (column_refused(draft, statement, act, err))
        return false;
    if (filled)
        sequence = sequence_name(draft, statement, act);
    if (!sql_column_parts(draft->mem, statement, filled, &sequence, parts, err))
        return false;
    draft->whole = statement;
    column_step(draft, statement, act, parts, &sequence);
    if (filled && draft->phase == PHASE_EXPAND &&
        migration_shape(draft->request->migration) == SHAPE_PHASED)
    {
        *list_add(draft->mem, &draft->later) =
            (Later){draft->section, statement, act, parts};
        draft_note(draft, "rows that are there already are filled in backfill");
        good = true;
    }
    else
        good = column_rest(draft, statement, act, parts, err);
    draft->whole = outer;
    return good;
}

bool
recipe_columns_finish(Draft *draft, Err *err)
{
    for (int i = 0; i < draft->later.count; i++)
    {
        const Later *later = &draft->later.items[i];
        bool good;

        draft->section = later->section;
        draft->whole = later->statement;
        good = column_rest(draft, later->statement, later->act, later->parts, err);
        draft->whole = NULL;
        if (!good)
            return false;
    }
    return true;
}
