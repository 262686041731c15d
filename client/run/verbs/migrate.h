/* One migration, one edge of the transition table at a time. */
#ifndef PGSTRIDE_RUN_MIGRATE_H
#define PGSTRIDE_RUN_MIGRATE_H

#include "run/steps/engine.h"
#include "run/verbs.h"

/* The migrations a verb is about, in the order they will be taken. */
typedef struct Chosen
{
    Migration **items;
    int count;
} Chosen;

/* Where a verb goes: forward first, then back. */
typedef struct Route
{
    Chosen up;
    Chosen down;
} Route;

/* up: those below their goal, in version order, as --to, --steps and versions say. */
bool choose_up(Run *run, Mem *mem, Chosen *chosen, Err *err);
/* contract: the version given, or the only one that waits. */
bool choose_contract(Run *run, Mem *mem, Chosen *chosen, Err *err);
/* down: in reverse applied order; one unless --steps or a version says otherwise. */
bool choose_down(Run *run, Mem *mem, Chosen *chosen, Err *err);
/* goto: what is pending up to the version, and what was applied above it. */
bool choose_goto(Run *run, Mem *mem, Route *route, Err *err);

/* A row for what moved, and how many migrations wait for contract now. */
void report_moved(Report *report, Mem *mem, const Moved *moved);
/* Without what the history says has not moved. */
void report_correct(Report *report, const Run *run);
void report_waiting(Run *run, Report *report);

/* Takes the migration along the verb's edges until `goal`; report gets its row. */
bool migrate_forward(Run *run, Migration *migration, Verb verb, State goal,
                     Report *report, Err *err);

/* Takes it down, planned on fresh facts; report gets its row. */
bool migrate_back(Run *run, Migration *migration, Report *report, Err *err);

#endif
