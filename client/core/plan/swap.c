#include "core/plan/swap.h"

#include <string.h>

#include "core/plan/phase_steps.h"
#include "core/plan/proof.h"
#include "core/plan/undo.h"
#include "core/recipes/parts.h"
#include "core/recipes/recipes.h"
#include "core/sync/sync_step.h"

static void
swap_step(Draft *draft, const Proof *proof, const char *recipe)
{
    StepSeed seed = {.kind = STEP_TRANSACTION,
                     .recipe = recipe,
                     .statement = proof->statement,
                     .table = proof->table,
                     .alone = true};

    draft_step(draft, &seed);
    draft->step.stands_for = NULL;
    draft_lock(draft, &proof->table, LOCK_ACCESS_EXCLUSIVE, false);
}

static void
swap_add(Draft *draft, SqlParsed sql, const char *title)
{
    draft_sql(draft, sql, title);
    draft_show(draft, sql.text);
}

/* NOT VALID: nothing is read, and every new row is held to it at once. Then VALIDATE.
 */
static void
proof_steps(Draft *draft, const Proof *proof)
{
    if (proof->checks.count == 0)
        return;
    swap_step(draft, proof, "proof");
    swap_add(draft, proof_add_sql(draft, proof), "proof added");
    draft_undo(draft, proof_drop_sql(draft, proof), "drop constraint");
    draft->step.probe = proof_probe(draft, proof);
    recipe_validate(draft, proof->statement, &proof->table,
                    proof_name(draft->mem, &proof->table), "proof validated");
    draft->step.stands_for = NULL;
}

static void
swap_not_null(Draft *draft, const Section *section, const Proof *proof)
{
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        const Act *act = statement_not_null(statement);

        if (act == NULL || !draft_same_table(draft, &act->relation, &proof->table))
            continue;
        swap_add(draft, statement->sql,
                 mem_text(draft->mem, "SET NOT NULL %s", act->column));
        undo_add(draft, act);
    }
}

/* The step that the table's statements join: it uses the proof, and then the trigger
 * has nothing left to keep level. */
static void
swap_open(Draft *draft, const Section *section, Proof *proof)
{
    swap_step(draft, proof, "swap");
    proof->swap = draft->steps.count;
    swap_not_null(draft, section, proof);
    if (proof->checks.count > 0)
        swap_add(draft, proof_drop_sql(draft, proof), NULL);
    else
        draft->step.probe = proof_probe(draft, proof);
    sync_drop_draft(draft, &proof->table);
    if (draft->titles.count == 0)
        draft_title(draft, "proof used");
}

/* Running code notices these two. */
static bool
act_is_noticed(const Act *act)
{
    return act->action == ACTION_DROP_COLUMN || act->action == ACTION_RENAME_COLUMN;
}

/* Between two commits there would be a moment in which neither name is right. */
static bool
swap_is_whole(const Draft *draft, const Proof *proof, const Statement *statement,
              Err *err)
{
    for (int i = 0; i < statement->act_count; i++)
        if (act_is_noticed(&statement->acts[i]) && draft->steps.count != proof->swap)
        {
            err_at(err, ERR_REFUSED, statement->span.file, statement->span.line,
                   "contract of \"%s\" would not commit in one transaction",
                   proof->table.name);
            return err_hint(err, "Put all that contract does to one table together, "
                                 "and what needs a transaction of its own behind it.");
        }
    return true;
}

/* In the order they were written; a table's swap opens before the first of its own. */
static bool
swap_statements(Draft *draft, const Section *section, Proofs *proofs, Err *err)
{
    for (int i = 0; i < section->statements.count; i++)
    {
        const Statement *statement = &section->statements.items[i];
        Proof *proof = proof_of(draft, proofs, &statement->acts[0].relation);

        if (proof != NULL && proof->swap < 0)
            swap_open(draft, section, proof);
        if (proof != NULL && statement_not_null(statement) != NULL)
            continue;
        if (!statement_draft(draft, statement, err) ||
            (proof != NULL && !swap_is_whole(draft, proof, statement, err)))
            return false;
    }
    return true;
}

bool
swap_draft(Draft *draft, Err *err)
{
    const Section *section =
        migration_section(draft->request->migration, PHASE_CONTRACT, false);
    const Section none = {.phase = PHASE_CONTRACT};
    Proofs proofs = {0};

    if (section == NULL && !sync_wanted(draft))
        return true;
    section = section == NULL ? &none : section;
    draft->section = section;
    if (!proofs_find(draft, section, &proofs, err))
        return false;
    for (int i = 0; i < proofs.of.count; i++)
        proof_steps(draft, &proofs.of.items[i]);
    if (draft->request->safe == SAFE_REWRITE &&
        !recipe_drop_columns(draft, section, err))
        return false;
    if (!swap_statements(draft, section, &proofs, err))
        return false;
    for (int i = 0; i < proofs.of.count; i++)
        if (proofs.of.items[i].swap < 0)
            swap_open(draft, section, &proofs.of.items[i]);
    return true;
}

/* --- the names ------------------------------------------------------------------- */

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
