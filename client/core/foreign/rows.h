/* What the writers of rows share: tables by name, versions as they are kept. */
#ifndef PGSTRIDE_CORE_FOREIGN_ROWS_H
#define PGSTRIDE_CORE_FOREIGN_ROWS_H

#include "core/foreign/foreign.h"

/* schema.table, quoted. */
void rows_table(SqlText *sql, const ForeignNote *note, const char *table);
void rows_delete(SqlText *sql, const ForeignNote *note, const char *table);

/* INSERT INTO table (version) SELECT it WHERE it is not there yet. */
void rows_add_version(SqlText *sql, const ForeignNote *note, const char *table);
void rows_take_version(SqlText *sql, const ForeignNote *note, const char *table);

/* A number without zeros before it, however long it is. */
const char *rows_number(const char *version);

#endif
