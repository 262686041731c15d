/*
 * Questions about rows, as SQL: which of them would defeat the step that comes next.
 *
 * A probe reads and locks nothing that anybody waits for. It finds a hundred at most,
 * and names the first three: by primary key where there is one, else by where they lie;
 * what else is in a row is nobody's business.
 */
#ifndef PGSTRIDE_CORE_PROBE_H
#define PGSTRIDE_CORE_PROBE_H

#include "core/plan/draft.h"
#include "core/sql/sql.h"

/* Rows of which the condition is false. The caller says what it asks. */
Probe probe_of_rows(const Draft *draft, const QName *table, SqlParsed condition);

/* Rows that have NULL where the condition says that they have not. */
Probe probe_of_nulls(const Draft *draft, const QName *table, SqlParsed condition);

/* Rows whose foreign key points at nothing; it would point at those columns. */
Probe probe_of_orphans(const Draft *draft, const Act *key, const char *const *columns);

/* Partitions that have rows, and no valid foreign key of that name. */
Probe probe_of_parts(const Draft *draft, const QName *table, const char *constraint);

/* Keys that a unique index could not bear: those that several rows share. */
Probe probe_of_duplicates(const Draft *draft, const QName *table,
                          const IndexShape *shape);

#endif
