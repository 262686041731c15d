/*
 * The swap of contract where DDL commits by itself: all statements that drop or rename
 * columns of a table that is kept level become one ALTER, and that, with the end of its
 * sync triggers, happens while the table is locked (Caps.table_locks). So no writer
 * meets the table without triggers and with both columns, nor with neither.
 */
#ifndef PGSTRIDE_CORE_PLAIN_SWAP_H
#define PGSTRIDE_CORE_PLAIN_SWAP_H

#include "core/plan/draft.h"

/* Does the statement of contract belong to a swap? */
bool plain_swap_takes(const Draft *draft, const Statement *statement);

/* Drafts the step when the last of its statements comes; nothing before. ERR_REFUSED
 * where the statement does more than drop and rename columns. */
bool plain_swap(Draft *draft, const Statement *statement, Err *err);

/* Has a swap of this plan dropped the triggers of the table? */
bool plain_swapped(const Draft *draft, const QName *table);

#endif
