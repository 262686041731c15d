/* ADD COLUMN, taken apart into what is done at once and what needs time. */
#ifndef PGSTRIDE_CORE_SQL_COLUMN_PARTS_H
#define PGSTRIDE_CORE_SQL_COLUMN_PARTS_H

#include "base/err.h"
#include "model/statement.h"

typedef struct ColumnParts
{
    SqlParsed plain;    /* ALTER TABLE t ADD COLUMN c type: no row is read for it */
    SqlParsed value;    /* the default that old rows are filled with; text NULL: none */
    SqlParsed sequence; /* CREATE SEQUENCE; text NULL: its values come from elsewhere */
    SqlParsed identity; /* ALTER COLUMN ... ADD GENERATED ...; text NULL: it is none */
    bool not_null;      /* to be set when every row is filled */
    SqlParsed *constraints; /* ALTER TABLE t ADD CHECK ...: one by one, afterwards */
    int constraint_count;
} ColumnParts;

/*
 * Of a statement with that one act. Where old rows are to be filled (`filled`) the
 * default and NOT NULL come off as well. Errors with file and line.
 */
bool sql_column_parts(Mem *mem, const Statement *statement, bool filled,
                      const QName *sequence, ColumnParts *parts, Err *err);

#endif
