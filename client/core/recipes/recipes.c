#include "core/recipes/recipes.h"

#include <string.h>

#include "base/digest.h"
#include "core/plan/phase_steps.h"
#include "core/plan/probe.h"
#include "core/plan/undo.h"
#include "core/recipes/parts.h"
#include "core/recipes/recipe_index.h"
#include "core/sql/sql.h"

bool
recipe_derive(Draft *draft, const Statement *statement, const char *text,
              const Statement **derived, Err *err)
{
    Section *section = mem_new(draft->mem, Section);
    Statements statements;

    *section = (Section){.engine = draft->request->migration->engine,
                         .phase = draft->phase,
                         .text = text,
                         .text_line = statement->span.line,
                         .file = statement->span.file};
    if (!sql_parse(draft->mem, section, &statements, err))
        return err_in(err, "in what stands for \"%s\"", statement->sql.text);
    statements.items[0].span = statement->span;
    *derived = &statements.items[0];
    return true;
}

bool
recipe_draft(Draft *draft, const Statement *statement, const char *text, Err *err)
{
    const Statement *derived;

    return recipe_derive(draft, statement, text, &derived, err) &&
           statement_draft(draft, derived, err);
}

const char *
recipe_name(Draft *draft, const QName *table, const char *column)
{
    char hex[DIGEST_HEX];
    const char *what = mem_text(draft->mem, "%s.%s", table->name, column);

    digest_text(what, strlen(what), hex);
    return mem_text(draft->mem, "pgstride_%.30s_%.8s", column, hex);
}

void
recipe_step(Draft *draft, StepKind kind, Work work, const char *recipe,
            const Statement *statement)
{
    StepSeed seed = {.kind = kind,
                     .work = work,
                     .recipe = recipe,
                     .statement = statement,
                     .table = statement->acts[0].relation,
                     .alone = true};

    draft_step(draft, &seed);
}

void
recipe_add_parsed(Draft *draft, SqlParsed sql, const char *title)
{
    draft_sql(draft, sql, title);
    draft_show(draft, sql.text);
}

bool
recipe_drafted(const Draft *draft, const char *recipe, const char *text)
{
    for (int i = 0; i < draft->steps.count; i++)
        if (draft->steps.items[i].recipe != NULL &&
            strcmp(draft->steps.items[i].recipe, recipe) == 0 &&
            strcmp(draft->steps.items[i].sql[0].text, text) == 0)
            return true;
    return false;
}

void
recipe_add(Draft *draft, const SqlText *sql, const char *title)
{
    recipe_add_parsed(draft, (SqlParsed){.text = sql_done(sql)}, title);
}

void
recipe_undo_constraint(Draft *draft, const QName *table, const char *constraint)
{
    SqlText sql = draft_alter(draft, table);

    sql_raw(&sql, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&sql, constraint);
    draft_undo(draft, (SqlParsed){.text = sql_done(&sql)}, "drop constraint");
}

void
recipe_validate(Draft *draft, const Statement *statement, const QName *table,
                const char *constraint, const char *title)
{
    StepSeed seed = {.kind = STEP_VALIDATE,
                     .work = WORK_SCAN,
                     .recipe = "validate",
                     .statement = statement,
                     .table = *table,
                     .alone = true};
    SqlText sql = draft_alter(draft, table);
    Probe probe =
        draft->open && draft->statement == statement ? draft->step.probe : (Probe){0};

    draft_step(draft, &seed);
    draft->step.constraint = constraint;
    probe.gate = false;
    probe.blame = probe.sql.text != NULL;
    draft->step.probe = probe;
    sql_raw(&sql, " VALIDATE CONSTRAINT ");
    sql_ident(&sql, constraint);
    recipe_add(draft, &sql, title);
}

/*
 * NOT NULL proven beforehand: a CHECK that holds for every new row, validated by a scan
 * that blocks nobody; SET NOT NULL then finds the proof and scans nothing. VALIDATE,
 * SET NOT NULL and DROP CONSTRAINT never share an ALTER: the server would scan under
 * the strongest lock.
 */
static bool
recipe_not_null(Draft *draft, const Statement *statement, const Act *act, Err *err)
{
    const char *proof = recipe_name(draft, &act->relation, act->column);
    SqlText present = sql_begin(draft->mem, draft->request->caps);
    SqlText add = draft_alter(draft, &act->relation);
    SqlText drop = draft_alter(draft, &act->relation);

    (void)err;
    sql_ident(&present, act->column);
    sql_raw(&present, " IS NOT NULL");

    const SqlParsed condition = {.text = sql_done(&present)};

    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, "not-null", statement);
    draft_lock(draft, &act->relation, LOCK_ACCESS_EXCLUSIVE, false);
    sql_raw(&add, " ADD CONSTRAINT ");
    sql_ident(&add, proof);
    sql_raw(&add, " CHECK (");
    sql_parsed(&add, condition);
    sql_raw(&add, ") NOT VALID");
    sql_raw(&drop, " DROP CONSTRAINT IF EXISTS ");
    sql_ident(&drop, proof);
    recipe_add(draft, &add, mem_text(draft->mem, "CHECK (%s)", condition.text));
    recipe_undo_constraint(draft, &act->relation, proof);
    draft->step.probe = probe_of_nulls(draft, &act->relation, condition);

    recipe_validate(draft, statement, &act->relation, proof, "check validated");

    recipe_step(draft, STEP_TRANSACTION, WORK_FAST, "not-null", statement);
    draft_lock(draft, &act->relation, LOCK_ACCESS_EXCLUSIVE, false);
    draft_sql(draft, statement->sql,
              mem_text(draft->mem, "SET NOT NULL %s", act->column));
    draft_show(draft, statement->sql.text);
    undo_add(draft, act);
    recipe_add(draft, &drop, NULL);
    *list_add(draft->mem, &draft->certain) = (Certain){act->relation, act->column};
    return true;
}

/* clang-format off */
static const Recipe recipes[] = {
    {"not-null",         recipe_not_null, "CHECK ... NOT VALID, VALIDATE, then SET NOT NULL finds the proof"},
    {"check",            recipe_check,    "CHECK ... NOT VALID, then VALIDATE"},
    {"foreign-key",      recipe_foreign_key, "FOREIGN KEY ... NOT VALID, then VALIDATE; part by part before 18"},
    {"key",              recipe_key,      "the unique index CONCURRENTLY, then UNIQUE or PRIMARY KEY USING INDEX; part by part"},
    {"new-column",       recipe_new_column, "the empty column and its default, old rows filled in batches, then NOT NULL, identity and constraints"},
    {"detach",           recipe_detach,   "the same DETACH PARTITION CONCURRENTLY, finished where it was interrupted"},
    {"drop-column",      recipe_drop_column, "its foreign keys and indexes first, each by itself, and then the column"},
    {"concurrent-index", recipe_index,    "the same index CONCURRENTLY, its leftovers found and mended"},
    {"concurrent-reindex", recipe_reindex, "the same REINDEX CONCURRENTLY, its leftovers found and dropped"},
};
/* clang-format on */

const Recipe *
recipe_named(const char *name)
{
    for (int i = 0; name != NULL && i < LENGTH(recipes); i++)
        if (strcmp(recipes[i].name, name) == 0)
            return &recipes[i];
    return NULL;
}

const Recipe *
recipe_row(int index)
{
    return index >= 0 && index < LENGTH(recipes) ? &recipes[index] : NULL;
}
