#include "core/swap.h"

#include <string.h>

#include "base/digest.h"
#include "core/phase_steps.h"
#include "core/recipes.h"
#include "core/sql/actions.h"
#include "core/sql/sql.h"
#include "core/sync_step.h"

/* One table that contract changes, and what has to be proven about it first. */
typedef struct Proof
{
    QName table;
    LIST(SqlParsed) parts;
    const Statement *statement; /* the first that asked for it */
} Proof;

typedef LIST(Proof) Proofs;

const char *
swap_proof_name(Mem *mem, const QName *table)
{
    char hex[DIGEST_HEX];

    digest_text(table->name, strlen(table->name), hex);
    return mem_text(mem, "pgstride_proof_%.30s_%.8s", table->name, hex);
}

static Proof *
proof_of(Draft *draft, Proofs *proofs, const QName *table, const Statement *statement)
{
    for (int i = 0; i < proofs->count; i++)
        if (qname_equal(&proofs->items[i].table, table))
            return &proofs->items[i];

    Proof *proof = list_add(draft->mem, proofs);

    proof->table = *table;
    proof->statement = statement;
    return proof;
}

static bool
fill_is_volatile(const Draft *draft, const Backfill *fill, char worst)
{
    const Facts *facts = draft->request->facts;

    for (int i = 0; i < fill->function_count; i++)
        for (int j = 0; j < facts->function_count; j++)
            if (strcmp(facts->functions[j].name, fill->functions[i]) == 0 &&
                (facts->functions[j].volatility[0] == 'v' ||
                 facts->functions[j].volatility[0] == worst))
                return true;
    return fill->other_relations;
}

/* (not done) IS NOT TRUE, for every UPDATE whose condition always gives the same
 * answer. */
static void
proofs_of_backfills(Draft *draft, Proofs *proofs)
{
    for (int i = 0; i < draft->fills.count; i++)
    {
        const Backfill *fill = &draft->fills.items[i];
        SqlText part = sql_begin(draft->mem, draft->request->caps);

        if (fill->is_delete || fill_is_volatile(draft, fill, 's'))
            continue;
        sql_raw(&part, "(");
        sql_parsed(&part, sql_not_done(draft->mem, fill, ROW_BARE, false));
        sql_raw(&part, ") IS NOT TRUE");
        *list_add(draft->mem,
                  &proof_of(draft, proofs, &fill->table, fill->statement)->parts) =
            (SqlParsed){sql_done(&part)};
    }
}

/* The statement is one single SET NOT NULL, of a column that exists before the swap. */
static const Act *
statement_not_null(const Statement *statement)
{
    return statement->act_count == 1 && statement->acts[0].action == ACTION_SET_NOT_NULL
               ? &statement->acts[0]
               : NULL;
}

static bool
column_comes_late(const Section *section, int before, const Act *act)
{
    for (int i = 0; i < before; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *other = &section->statements.items[i].acts[j];

            if (other->action == ACTION_RENAME_COLUMN && other->new_name != NULL &&
                strcmp(other->new_name, act->column) == 0 &&
                qname_equal(&other->relation, &act->relation))
                return true;
        }
    return false;
}

static bool
proofs_of_section(Draft *draft, const Section *section, Proofs *proofs, Err *err)
{
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        const Act *act = statement_not_null(statement);
        SqlText part = sql_begin(draft->mem, draft->request->caps);

        if (act == NULL || draft->request->safe != SAFE_REWRITE)
            continue;
        if (column_comes_late(section, i, act))
            return err_at(
                       err, ERR_REFUSED, statement->span.file, statement->span.line,
                       "SET NOT NULL of \"%s\" stands behind the RENAME that makes it",
                       act->column) ||
                   err_hint(err, "Put it before the RENAME, under the old name: it is "
                                 "proven before anything is renamed.");
        sql_ident(&part, act->column);
        sql_raw(&part, " IS NOT NULL");
        *list_add(draft->mem,
                  &proof_of(draft, proofs, &act->relation, statement)->parts) =
            (SqlParsed){sql_done(&part)};
    }
    return true;
}

static SqlText
swap_alter(Draft *draft, const QName *table)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql, "ALTER TABLE ");
    sql_qname(&sql, table);
    return sql;
}

static SqlParsed
proof_drop(Draft *draft, const Proof *proof)
{
    SqlText sql = swap_alter(draft, &proof->table);

    sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&sql, swap_proof_name(draft->mem, &proof->table));
    return (SqlParsed){sql_done(&sql)};
}

/* The condition of the proof. */
static void
proof_condition(const Proof *proof, SqlText *sql)
{
    for (int i = 0; i < proof->parts.count; i++)
    {
        if (i > 0)
            sql_raw(sql, " AND ");
        sql_parsed(sql, proof->parts.items[i]);
    }
}

/* How many rows break the proof (as far as a hundred), and the first of them as text.
 */
static SqlParsed
proof_probe(Draft *draft, const Proof *proof)
{
    SqlText sql = sql_begin(draft->mem, draft->request->caps);

    sql_raw(&sql,
            "SELECT pg_catalog.count(*) AS left_over, pg_catalog.string_agg(row_text, "
            "'; ' ORDER BY place) FILTER (WHERE place <= 3) AS examples FROM (SELECT "
            "pg_catalog.left((t.*)::pg_catalog.text, 120) AS row_text, "
            "pg_catalog.row_number() OVER () AS place FROM ");
    sql_qname(&sql, &proof->table);
    sql_raw(&sql, " AS t WHERE (");
    proof_condition(proof, &sql);
    sql_raw(&sql, ") IS FALSE LIMIT 100) AS found");
    return (SqlParsed){sql_done(&sql)};
}

/* ADD CONSTRAINT ... NOT VALID: nothing is read, every new row is held to it at once.
 */
static void
proof_add(Draft *draft, const Proof *proof)
{
    StepSeed seed = {.kind = STEP_TRANSACTION,
                     .recipe = "swap",
                     .statement = proof->statement,
                     .table = proof->table,
                     .alone = true};
    SqlText sql = swap_alter(draft, &proof->table);

    draft_step(draft, &seed);
    draft_lock(draft, &proof->table, LOCK_ACCESS_EXCLUSIVE, false);
    sql_raw(&sql, " ADD CONSTRAINT ");
    sql_ident(&sql, swap_proof_name(draft->mem, &proof->table));
    sql_raw(&sql, " CHECK (");
    proof_condition(proof, &sql);
    sql_raw(&sql, ") NOT VALID");

    SqlParsed text = {sql_done(&sql)};

    draft_sql(draft, text, "proof added");
    draft_show(draft, text.text);
    draft_undo(draft, proof_drop(draft, proof), "drop constraint");
    draft->step.probe = proof_probe(draft, proof);
    draft->step.stands_for = NULL;
}

/* The first step of the swap on that table: what only it can undo goes first. */
static void
swap_opening(Draft *draft, const Section *section, const Proof *proof)
{
    StepSeed seed = {.kind = STEP_TRANSACTION,
                     .recipe = "swap",
                     .statement = proof->statement,
                     .table = proof->table,
                     .alone = true};

    draft_step(draft, &seed);
    draft->step.stands_for = NULL;
    draft_lock(draft, &proof->table, LOCK_ACCESS_EXCLUSIVE, false);
    for (int i = 0; section != NULL && i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        const Act *act = statement_not_null(statement);

        if (act == NULL || !qname_equal(&act->relation, &proof->table))
            continue;
        draft_sql(draft, statement->sql,
                  mem_text(draft->mem, "SET NOT NULL %s", act->column));
        draft_show(draft, statement->sql.text);
    }

    SqlParsed drop = proof_drop(draft, proof);

    draft_sql(draft, drop, NULL);
    draft_show(draft, drop.text);
    sync_drop_draft(draft, &proof->table);
}

static bool
statement_on(const Statement *statement, const QName *table)
{
    return statement->act_count > 0 && statement->acts[0].relation.name != NULL &&
           qname_equal(&statement->acts[0].relation, table);
}

static bool
proof_covers(const Proofs *proofs, const Statement *statement)
{
    for (int i = 0; i < proofs->count; i++)
        if (statement_on(statement, &proofs->items[i].table))
            return true;
    return false;
}

/* The rest of the section: each table's statements in the order they were written. */
static bool
swap_statements(Draft *draft, const Section *section, const Proofs *proofs,
                const QName *only, Err *err)
{
    for (int i = 0; section != NULL && i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        bool mine = only != NULL ? statement_on(statement, only)
                                 : !proof_covers(proofs, statement);

        if (!mine || (only != NULL && statement_not_null(statement) != NULL))
            continue;
        if (!statement_draft(draft, statement, err))
            return false;
    }
    return true;
}

bool
swap_draft(Draft *draft, Err *err)
{
    const Section *section =
        migration_section(draft->request->migration, PHASE_CONTRACT, false);
    Section none = {.phase = PHASE_CONTRACT};
    Proofs proofs = {0};

    draft->section = section == NULL ? &none : section;
    if (section == NULL && !sync_wanted(draft))
        return true;
    proofs_of_backfills(draft, &proofs);
    if (section != NULL && !proofs_of_section(draft, section, &proofs, err))
        return false;
    for (int i = 0; i < proofs.count; i++)
    {
        const Proof *proof = &proofs.items[i];

        proof_add(draft, proof);
        recipe_validate(draft, proof->statement, &proof->table,
                        swap_proof_name(draft->mem, &proof->table));
        draft->step.stands_for = NULL;
    }
    if (!swap_statements(draft, section, &proofs, NULL, err))
        return false;
    for (int i = 0; i < proofs.count; i++)
    {
        swap_opening(draft, section, &proofs.items[i]);
        if (!swap_statements(draft, section, &proofs, &proofs.items[i].table, err))
            return false;
    }
    return true;
}

static void
names_add(Mem *mem, const char ***names, int *count, const char *name)
{
    const char **grown = mem_array(mem, const char *, *count + 1);

    for (int i = 0; i < *count; i++)
    {
        grown[i] = (*names)[i];
        if (strcmp(grown[i], name) == 0)
            return;
    }
    grown[(*count)++] = name;
    *names = grown;
}

/* Whether contract gives that column name to another column of the same table. */
static bool
name_is_given(const Section *section, const Act *dropped)
{
    for (int i = 0; i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];

            if (act->action == ACTION_RENAME_COLUMN &&
                qname_equal(&act->relation, &dropped->relation) &&
                strcmp(act->new_name, dropped->column) == 0)
                return true;
        }
    return false;
}

void
swap_names(Mem *mem, Plan *plan)
{
    const Section *section = migration_section(plan->migration, PHASE_CONTRACT, false);

    for (int i = 0; section != NULL && i < section->statements.count; i++)
        for (int j = 0; j < section->statements.items[i].act_count; j++)
        {
            const Act *act = &section->statements.items[i].acts[j];
            bool drop = act->action == ACTION_DROP_COLUMN;

            if (act->action == ACTION_RENAME_COLUMN)
                names_add(mem, &plan->surviving, &plan->surviving_count, act->new_name);
            if (act->action == ACTION_RENAME_COLUMN ||
                (drop && !name_is_given(section, act)))
                names_add(mem, &plan->vanishing, &plan->vanishing_count, act->column);
        }
}
