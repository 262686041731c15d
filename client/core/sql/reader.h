/* A backfill while it is read; shared between backfill.c, reverse.c and resolve.c. */
#ifndef PGSTRIDE_CORE_SQL_READER_H
#define PGSTRIDE_CORE_SQL_READER_H

#include "core/sql/pg/pg.h"
#include "core/sql/sql.h"

typedef struct Reader
{
    Mem *mem;
    const BackfillSource *source;
    Backfill *fill;
} Reader;

/* ERR_REFUSED at the line of the statement; always false. */
bool reader_refuse(const Reader *reader, Err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The assignment to that column, or NULL. */
const Assignment *assignment_of(const Backfill *fill, const char *column);

/* The way back of sync:both, as the section says it or derived from plain copies. */
bool reverses_read(const Reader *reader, Err *err);

#endif
