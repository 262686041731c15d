/*
 * Answers: rows of text, decoded into structs by column name from a table of columns.
 *
 *     static const Column index_columns[] = {
 *         COLUMN(TEXT, IndexFact, definition),
 *         COLUMN(BOOL, IndexFact, valid),
 *     };
 *     rows_decode(mem, &rows, index_columns, LENGTH(index_columns), sizeof(IndexFact),
 *                 (void **)&facts->indexes, &facts->index_count, err)
 */
#ifndef PGSTRIDE_DB_ROWS_H
#define PGSTRIDE_DB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

typedef struct Rows
{
    const char *label;  /* of the query, for errors */
    const char **names; /* column names */
    int column_count;
    const char **cells; /* row-major; NULL is null */
    int row_count;
    int64_t affected; /* from the command tag; 0 when it has none */
} Rows;

typedef enum ColumnType
{
    COLUMN_TEXT, /* char *: must not be null */
    COLUMN_TEXT_OR_NULL,
    COLUMN_INT64,
    COLUMN_INT64_OR_MINUS, /* null becomes -1 */
    COLUMN_DOUBLE_OR_MINUS,
    COLUMN_BOOL,
    COLUMN_TEXT_LIST /* char **, and the int member NAME_count... see COLUMN_LIST */
} ColumnType;

typedef struct Column
{
    const char *name;
    ColumnType type;
    size_t offset;
    size_t count_offset; /* COLUMN_TEXT_LIST only */
} Column;

#define COLUMN(kind, Struct, member)                                                   \
    {                                                                                  \
#member, COLUMN_##kind, offsetof(Struct, member), 0                            \
    }
#define COLUMN_AS(kind, Struct, member, column)                                        \
    {                                                                                  \
        column, COLUMN_##kind, offsetof(Struct, member), 0                             \
    }
/* A text[] in its {a,"b c",NULL} form into char ** and its count. */
#define COLUMN_LIST(Struct, member, count)                                             \
    {                                                                                  \
#member, COLUMN_TEXT_LIST, offsetof(Struct, member), offsetof(Struct, count)   \
    }

/* Every row into a new array of structs; a missing or null column is an error by name.
 */
bool rows_decode(Mem *mem, const Rows *rows, const Column *columns, int column_count,
                 size_t size, void **items, int *count, Err *err);

/* Exactly one row into an existing struct. */
bool rows_one(Mem *mem, const Rows *rows, const Column *columns, int column_count,
              void *item, Err *err);

/* The cell of the named column, NULL when null; an unknown name is a bug and says so.
 */
const char *rows_cell(const Rows *rows, int row, const char *name);
int64_t rows_int(const Rows *rows, int row, const char *name);
bool rows_bool(const Rows *rows, int row, const char *name);

#endif
