/*
 * A backfill: an ordinary UPDATE or DELETE, taken apart so that it can run in batches.
 *
 * Expressions are deparsed from the tree with every column of the table qualified by
 * nothing, inside a subquery by the table's own name: they are valid wherever the table
 * is the only relation in scope and has no alias.
 */
#ifndef PGSTRIDE_MODEL_BACKFILL_H
#define PGSTRIDE_MODEL_BACKFILL_H

#include "model/migration.h"

typedef struct Assignment
{
    const char *target; /* column that is set */
    const char *type; /* its type: backfill_resolve sets it from Facts; NULL unknown */
    bool is_default;  /* SET x = DEFAULT: expression is DEFAULT, take ColumnFact's */
    SqlParsed expression; /* what it is set to, over the row's columns */
    SqlParsed over_new;   /* the same with every column written NEW.column */
    SqlParsed over_old;   /* and OLD.column */
    const char
        *plain_source;    /* the column it copies, when it is nothing else; or NULL */
    const char **sources; /* columns the expression reads */
    int source_count;
} Assignment;

/* The way back for sync:both: old = expr(new). */
typedef struct Reverse
{
    const char *target;   /* the old column */
    const char **sources; /* the assigned columns it reads: their change changes it */
    int source_count;
    SqlParsed expression; /* over the row's columns */
    SqlParsed over_new;
} Reverse;

typedef struct Backfill
{
    int number; /* 1-based within the migration */
    QName table;
    bool is_delete;
    bool only; /* UPDATE ONLY: children are not swept */
    /* Batched by its author: the statement is run as it stands until it changes no row.
     * Of what follows, nothing is known. */
    bool repeat;
    bool is_insert;
    Assignment *assignments;
    int assignment_count;
    SqlParsed where;          /* text NULL: every row */
    SqlParsed where_over_new; /* the WHERE with NEW.column */
    /* Its AND-terms that read no assigned column, with NEW.column: which rows it is
     * about, done or not; text NULL: all. */
    SqlParsed scope_over_new;
    SqlParsed scope; /* the same over the row's columns, on engines that want it */
    const char **where_columns;
    int where_column_count;
    const char **
        functions; /* schema-qualified as written; volatility is asked of the catalog */
    int function_count;
    int value_function_count; /* the first so many are called by the assignments */
    /* An assignment may give another value in the next transaction, so that only the
     * WHERE tells what is done; backfill_resolve sets it from Facts. */
    bool is_volatile;
    /* One column that the WHERE wants NULL gets a value that is NULL exactly where a
     * column it reads is, unless users made other operators; set by backfill_resolve.
     */
    bool null_by_sources;
    /* WHERE, an expression or a reverse names an operator, function, type or collation:
     * what it means depends on the search path. False for plain copies and IS NULL. */
    bool looks_up;
    bool other_relations; /* a subquery: cannot be row-local, so sync is off */
    Sync sync;            /* resolved: never SYNC_DEFAULT */
    Reverse *reverses;
    int reverse_count;
    const Statement *statement;
    const Section *section;
} Backfill;

#endif
