/*
 * A shop as the catalog would tell it, and migrations of it: what tests of plans begin
 * with. The table identities has the columns id and email, and a primary key.
 */
#ifndef PGSTRIDE_TESTS_SHOP_H
#define PGSTRIDE_TESTS_SHOP_H

#include "core/plan/plan.h"

/* A PostgreSQL 15 that can do everything. */
extern const Caps shop_caps;

/* The classic example: new_email is filled from email and takes its place. */
extern const char shop_classic[];

/* Facts with one table; tests bend them and add to them. */
typedef struct Shop
{
    Mem *mem;
    Facts facts;
    TableFact tables[3];
    ColumnFact columns[8]; /* of identities */
    IndexFact indexes[4];
    ConstraintFact constraints[4];
    TriggerFact triggers[2];
    FunctionFact functions[2];
    PlanRequest request;
    Plan plan;
    Err err;
} Shop;

Shop *shop_open(Mem *mem);
void shop_close(Shop *shop);

/* Another plain table with the columns id and email. */
TableFact *shop_add_table(Shop *shop, const char *name);
ColumnFact *shop_add_column(Shop *shop, const char *name, const char *type);

/* The migration in a file of that name, parsed; the test fails where it is none. */
Migration *shop_migration(Mem *mem, const char *name, const char *text);

/* Plans "20260515_split_email.sql" with that text; err says why not. */
bool shop_plan(Shop *shop, const char *text);

/* The same must be planned. */
void shop_planned(Shop *shop, const char *text);

/* The same must be refused: "file:line: text", and the hint behind " | ". */
const char *shop_refusal(Shop *shop, const char *text);

/* All statements of the step with that number (1-based), each followed by ";\n". */
const char *shop_step(const Shop *shop, int number);

/* All that is sent: a line a statement, and an empty line between steps. */
const char *shop_sent(const Shop *shop);

#endif
