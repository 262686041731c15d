/*
 * sqitch.plan: changes and tags in their order. Each change is known by an id that is
 * computed from its line and from the id of the change before it, so that a registry
 * can tell a change of this plan from one of the same name in another.
 *
 *     %project=shop
 *     users 2012-01-01T00:00:00Z Ann <ann@example.org> # Adds users
 *     roles [users !guests] 2012-01-02T00:00:00Z Ann <ann@example.org>
 *     @v1 2012-01-03T00:00:00Z Ann <ann@example.org>
 */
#ifndef PGSTRIDE_CORE_SQITCH_PLAN_H
#define PGSTRIDE_CORE_SQITCH_PLAN_H

#include "base/digest.h"
#include "core/layouts/parts.h"

/* A line of the plan: a change, or a tag behind changes. */
typedef struct PlanLine
{
    char *name;
    bool tag;
    int line;
    char id[DIGEST_SHA1_HEX]; /* of a change */
} PlanLine;

typedef struct SqitchPlan
{
    LIST(PlanLine) lines;
    char *project;
} SqitchPlan;

/*
 * ERR_USAGE names a line that is none of a plan; ERR_REFUSED one that requires what the
 * plan does not have before it, or is in conflict with what it has. What it says of
 * changes in another project only their registry knows: that is not looked at.
 */
bool sqitch_plan_read(Mem *mem, const SourceFile *file, SqitchPlan *plan, Err *err);

#endif
