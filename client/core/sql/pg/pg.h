/*
 * The parser library, seen from core/sql: text goes in, our own nouns come out.
 *
 * No protobuf type is named here. Positions are bytes within the text given.
 */
#ifndef PGSTRIDE_CORE_SQL_PG_H
#define PGSTRIDE_CORE_SQL_PG_H

#include "base/mem.h"
#include "model/facts.h"
#include "model/statement.h"

/* Why a text is no SQL; message NULL: it is. */
typedef struct PgFault
{
    const char *message; /* as the server would say it */
    int offset;          /* of the byte it is about; -1 unknown */
} PgFault;

typedef struct PgRange
{
    int start;
    int end; /* behind the last byte */
} PgRange;

typedef struct PgRanges
{
    PgRange *items;
    int count;
} PgRanges;

/* The statements as the grammar separates them: comments before, no semicolon behind.
 */
bool pg_split(Mem *mem, const char *text, PgRanges *pieces, PgFault *fault);

/* The same by semicolons alone, whatever stands between them. */
bool pg_split_tokens(Mem *mem, const char *text, PgRanges *pieces, PgFault *fault);

/* Every token that is no comment. False where the scanner gives up. */
bool pg_scan(Mem *mem, const char *text, PgRanges *tokens);

/* Fills acts, alone, alone_why, session, makes of a statement from its text. */
bool pg_classify(Mem *mem, const char *text, Statement *statement, PgFault *fault);

/* --- a backfill, taken apart; core/sql/backfill.c decides what to make of it ----- */

typedef struct PgExpression
{
    const char *text;     /* columns bare */
    const char *over_new; /* new.column */
    const char *over_old;
    const char **columns; /* of the table, each once */
    int column_count;
    const char *plain; /* the expression is this column and nothing else; or NULL */
    bool is_default;   /* the word DEFAULT */
} PgExpression;

typedef struct PgAssignment
{
    const char *target;
    PgExpression value;
} PgAssignment;

typedef struct PgUpdate
{
    QName table;
    bool is_delete;
    bool only;
    PgAssignment *assignments;
    int assignment_count;
    PgExpression where; /* text NULL: every row */
    const char
        *scope_over_new;    /* its AND-terms that read no assigned column, or NULL */
    const char **functions; /* as they would be written, each once */
    int function_count;
    int value_function_count; /* the first ones are of the assignments */
    bool looks_up; /* an unqualified operator, function, type or collation is named */
    bool subquery;
} PgUpdate;

/* What is wrong with an UPDATE or DELETE as a backfill. */
typedef struct PgObjection
{
    const char *text;
    const char *hint;
    int offset; /* -1: the statement */
} PgObjection;

bool pg_update_read(Mem *mem, const char *text, PgUpdate *update,
                    PgObjection *objection);

/* A statement that is to be run until it changes no row. */
typedef struct PgRepeat
{
    QName table;
    bool is_delete;
    bool is_insert;
} PgRepeat;

bool pg_repeat_read(Mem *mem, const char *text, PgRepeat *repeat,
                    PgObjection *objection);

/*
 * A value of that type, assigned from the expression over the table's columns, is NULL
 * exactly where a column that it reads is. False: it is not, or that is not known.
 */
bool pg_null_by_columns(const TableFact *table, const char *expression,
                        const char *type);

/* One of the AND-terms of WHERE is: column IS NULL. */
bool pg_asks_for_null(const char *where, const char *column);

/* --- expressions and definitions ------------------------------------------------- */

typedef enum PgForm
{
    PG_EXPRESSION,
    PG_INDEX,     /* CREATE INDEX ..., its own name taken away */
    PG_CONSTRAINT /* what follows ADD CONSTRAINT name */
} PgForm;

/* The text written again by the deparser with column old_name renamed; NULL: no SQL. */
const char *pg_renamed(Mem *mem, PgForm form, const char *text, const char *old_name,
                       const char *new_name);

/* A CREATE INDEX without its name, its table and what is a default. */
const char *pg_index_shape(Mem *mem, const char *text);

#endif
