/* Acts under construction: one file per family of statements fills them. */
#ifndef PGSTRIDE_CORE_SQL_PG_ACTS_H
#define PGSTRIDE_CORE_SQL_PG_ACTS_H

#include "core/sql/pg/tree.h"

typedef struct Acts
{
    Mem *mem;
    LIST(Act) list;
    bool unwritable; /* an expression or a type has no faithful text */
} Acts;

/* The new act is valid until the next one is added. */
Act *act_add(Acts *acts, Action action);
Act *act_on(Acts *acts, Action action, const PgQuery__RangeVar *relation);

/* Their texts; where there is none, the whole statement counts as unreadable. */
void act_expression(Acts *acts, Act *act, Node *expression);
void act_type(Acts *acts, Act *act, PgQuery__TypeName *type);

/* Names from a list: String nodes, IndexElems (expressions are ""), or ResTargets. */
void act_columns(Acts *acts, Act *act, Node *const *items, size_t count);

void acts_of_alter_table(Acts *acts, const PgQuery__AlterTableStmt *alter);
void acts_of_create_table(Acts *acts, const PgQuery__CreateStmt *create);
void acts_of_create_domain(Acts *acts, const PgQuery__CreateDomainStmt *create);
void acts_of_alter_domain(Acts *acts, const PgQuery__AlterDomainStmt *alter);
void acts_of_drop(Acts *acts, const PgQuery__DropStmt *drop);
void acts_of_rename(Acts *acts, const PgQuery__RenameStmt *rename);

/* ADD CONSTRAINT, in ALTER TABLE and (foreign keys only) in CREATE TABLE. */
void act_of_constraint(Acts *acts, const PgQuery__RangeVar *relation,
                       PgQuery__Constraint *constraint);

/* ADD COLUMN: which of its kinds decides what it costs. */
void act_of_column(Acts *acts, const PgQuery__RangeVar *relation,
                   const PgQuery__AlterTableCmd *cmd);

/* Could every evaluation give another value? Unknown functions could. */
bool expression_may_be_volatile(Node *expression);

/* Why the statement refuses a transaction block, or NULL. */
const char *statement_refuses_transaction(Node *statement);

/* Does it leave something behind in its session? */
bool statement_keeps_session_state(Node *statement);

/* A DefElem of that name: absent gives `missing`. */
bool option_is_true(Node *const *options, size_t count, const char *name, bool missing);

#endif
