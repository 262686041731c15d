/* What the writers of rows share: tables by name, versions as they are kept. */
#ifndef PGSTRIDE_CORE_FOREIGN_ROWS_H
#define PGSTRIDE_CORE_FOREIGN_ROWS_H

#include "core/foreign/foreign.h"

/* schema.table, quoted. */
void rows_table(SqlText *sql, const ForeignNote *note);
void rows_delete(SqlText *sql, const ForeignNote *note);

/* What stands behind a SELECT of values: they go in where no row is so. */
void rows_unless(SqlText *sql, const ForeignNote *note);

/* Milliseconds since the phase began, which the row of our own history knows. */
void rows_age(SqlText *sql, const ForeignNote *note);

/* INSERT INTO table (version) SELECT it WHERE it is not there yet. */
void rows_add_version(SqlText *sql, const ForeignNote *note);
void rows_take_version(SqlText *sql, const ForeignNote *note);

#endif
