/* What recipes are made of: steps, names, and what is asked of the rows before. */
#ifndef PGSTRIDE_CORE_RECIPES_PARTS_H
#define PGSTRIDE_CORE_RECIPES_PARTS_H

#include "core/recipes/recipes.h"

/* A step of its own about the statement's table. */
void recipe_step(Draft *draft, StepKind kind, Work work, const char *recipe,
                 const Statement *statement);

/* A statement of the open step, shown as it is sent. */
void recipe_add(Draft *draft, const SqlText *sql, const char *title);
void recipe_add_parsed(Draft *draft, SqlParsed sql, const char *title);

/* The recipe has a step of that text, drafted from the history or from the catalog. */
bool recipe_drafted(const Draft *draft, const char *recipe, const char *text);

/* ALTER TABLE t DROP CONSTRAINT IF EXISTS c, as the way back of the open step. */
void recipe_undo_constraint(Draft *draft, const QName *table, const char *constraint);

/* A statement that the author could have written instead of his own, or of a part of
 * it; and its steps. */
bool recipe_derive(Draft *draft, const Statement *statement, const char *text,
                   const Statement **derived, Err *err);
bool recipe_draft(Draft *draft, const Statement *statement, const char *text, Err *err);

/* A name that no user chose: the same for the same table and column, 63 bytes at most.
 */
const char *recipe_name(Draft *draft, const QName *table, const char *column);

/* What a name the server chooses is made of: "t_a_b_key". */
typedef struct Naming
{
    const char *recipe; /* whose first step has it in its text, once it ran */
    const Statement *statement;
    const Act *act;
    const char **columns;
    int column_count;
    const char *label; /* "key" */
} Naming;

/*
 * The name that its author gave, else the one that the server would choose now. Once
 * the recipe has begun it is the one it began with, which is taken by then.
 */
bool recipe_constraint_name(Draft *draft, const Naming *naming, const char **name,
                            Err *err);

/* The server's choice for the table, as the facts know what is taken. */
const char *chosen_name(Draft *draft, const Naming *naming);

/* Of the statement's DROP COLUMN: what goes before it. The statement itself is not
 * drafted. */
bool recipe_drop_column(Draft *draft, const Statement *statement, const Act *act,
                        Err *err);

/* The same of every DROP COLUMN of the section: contract does it before its swap. */
bool recipe_drop_columns(Draft *draft, const Section *section, Err *err);

/* In backfill: what the columns of expand still need. */
bool recipe_columns_finish(Draft *draft, Err *err);

bool recipe_check(Draft *draft, const Statement *statement, const Act *act, Err *err);
bool recipe_foreign_key(Draft *draft, const Statement *statement, const Act *act,
                        Err *err);
bool recipe_new_column(Draft *draft, const Statement *statement, const Act *act,
                       Err *err);
bool recipe_detach(Draft *draft, const Statement *statement, const Act *act, Err *err);

/* FOREIGN KEY of a partitioned table that takes none NOT VALID: part by part. Leaves
 * its last step open. */
bool recipe_foreign_parts(Draft *draft, const Naming *naming, const Probe *orphans,
                          Err *err);

bool recipe_key(Draft *draft, const Statement *statement, const Act *act, Err *err);

#endif
