/*
 * Recipes: the statement the engineer meant, as the steps that do it safely.
 *
 * One row a recipe, by the name that core/sql/hazards gives it. A recipe adds steps to
 * the draft; it asks nothing and touches nothing.
 */
#ifndef PGSTRIDE_CORE_RECIPES_H
#define PGSTRIDE_CORE_RECIPES_H

#include "core/plan/draft.h"

typedef struct Recipe
{
    const char *name;
    bool (*make)(Draft *draft, const Statement *statement, const Act *act, Err *err);
    const char *means; /* for `plan` and the manual: one line */
} Recipe;

/* The recipe of that name, or NULL: not every hazard has one. */
const Recipe *recipe_named(const char *name);

/* Row `index` of the table, or NULL behind the last. */
const Recipe *recipe_row(int index);

/* ALTER TABLE t VALIDATE CONSTRAINT c, as a step of its own: a short lock, a long scan.
 * What the open step asks of the rows tells which of them the server has refused. */
void recipe_validate(Draft *draft, const Statement *statement, const QName *table,
                     const char *constraint, const char *title);

#endif
