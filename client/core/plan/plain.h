/*
 * Plans for engines without online recipes (Caps.plain_path).
 *
 * Statements run as they are written, phase by phase: those of a phase in one
 * transaction where DDL can be taken back (Caps.ddl_in_transaction), else each in a
 * step of its own. A backfill is a step too, and the dialect's triggers keep it level
 * between expand and contract. What the dialect says of a statement is a note in the
 * plan.
 */
#ifndef PGSTRIDE_CORE_PLAIN_H
#define PGSTRIDE_CORE_PLAIN_H

#include "core/plan/draft.h"
#include "core/plan/plan.h"

bool plain_plan(Mem *mem, const PlanRequest *request, Plan *plan, Err *err);

/* One statement, into the open transaction or alone; for ways back too. */
bool plain_statement(Draft *draft, const Statement *statement, Err *err);

/* ERR_REFUSED where old code would break and the section does not allow it. */
bool plain_allowed(const Draft *draft, const Statement *statement, Err *err);

/* Drops what keeps the migration's backfills level: before expand is undone. */
bool plain_level_drop(Draft *draft, Err *err);

#endif
