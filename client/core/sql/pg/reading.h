/* An UPDATE or DELETE while it is taken apart: columns.c finds, update.c assembles. */
#ifndef PGSTRIDE_CORE_SQL_PG_READING_H
#define PGSTRIDE_CORE_SQL_PG_READING_H

#include "core/sql/pg/tree.h"

/* A column of the table somewhere in an expression, and how it may be written. */
typedef struct RowColumn
{
    PgQuery__ColumnRef *node;
    Node **fields; /* as they were written */
    size_t field_count;
    const char *name;
    bool inner; /* in a subquery: bare, it could be the subquery's own */
} RowColumn;

typedef struct RowColumns
{
    RowColumn *items;
    int count;
    int room;
} RowColumns;

typedef struct Names
{
    const char **items;
    int count;
    int room;
} Names;

typedef struct Reading
{
    Mem *mem;   /* of the results */
    Mem *nodes; /* of the tree, and of what replaces parts of it */
    const PgQuery__RangeVar *table;
    const char *alias; /* what the statement calls its table */
    Names functions;
    Names shadows; /* what the subqueries around the walk call their tables */
    int depth;     /* of subqueries */
    bool subquery;
    bool looks_up;
    RowColumns *columns; /* of the expression that is being walked */
    PgObjection *objection;
} Reading;

/* Always false; the first objection is kept. offset -1: the whole statement. */
bool reading_object(Reading *reading, int offset, const char *text, const char *hint);

void names_add(Mem *mem, Names *names, const char *name);

/* Finds every column of the table in the expression, and what else it names. */
bool reading_columns(Reading *reading, Node *expression, RowColumns *columns);

/* Writes every one of them bare (view NULL), or as view.column. */
void columns_view(Reading *reading, const RowColumns *columns, const char *view);

/* As they were written, so that an expression can be read again as part of another. */
void columns_restore(const RowColumns *columns);

#endif
