/*
 * Migrations that their project wrote as a program, and that pgstride has in SQL: the
 * two backfills of Kratos. Their versions stand in its history, so without them it
 * would never be complete.
 */
#ifndef PGSTRIDE_CORE_BUILTIN_H
#define PGSTRIDE_CORE_BUILTIN_H

#include "core/layouts/parts.h"

/* Adds those that belong to the migrations in the list. */
bool builtin_add(Mem *mem, const LayoutRequest *request, MigrationList *list, Err *err);

#endif
