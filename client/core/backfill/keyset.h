/*
 * Batches by key: where there are no row addresses to sweep by, a backfill follows the
 * primary key. A batch is two short statements: where it ends, and the rows until
 * there. Pure; whoever runs them keeps the last key with the batch.
 */
#ifndef PGSTRIDE_CORE_KEYSET_H
#define PGSTRIDE_CORE_KEYSET_H

#include "model/backfill.h"
#include "model/sqltext.h"

typedef struct KeyColumn
{
    char *name;
    char *type; /* its values travel as text, and are cast back to it */
} KeyColumn;

typedef struct Keyset
{
    const Backfill *fill;
    SqlParsed not_done; /* of a row: see sql_not_done */
    const KeyColumn *columns;
    int column_count;
} Keyset;

/* A place in the order of the key: one value a column; NULL: before or behind all. */
typedef char *const *KeyPlace;

/* Gives last_key: the key of the row that is the n-th behind `after`; no row where
 * there are fewer. */
SqlText keyset_end(Mem *mem, const Caps *caps, const Keyset *keyset, KeyPlace after,
                   int64_t rows);

/* Does the rows behind `after` up to `until`, and gives one row for each. */
SqlText keyset_batch(Mem *mem, const Caps *caps, const Keyset *keyset, KeyPlace after,
                     KeyPlace until);

/* ARRAY['7', 'x']: a place, to be kept; NULL where it is NULL. */
void keyset_place(SqlText *sql, const Keyset *keyset, KeyPlace place);

#endif
