/* The recipes for indexes: built, dropped and rebuilt while everybody works. */
#ifndef PGSTRIDE_CORE_RECIPE_INDEX_H
#define PGSTRIDE_CORE_RECIPE_INDEX_H

#include "core/plan/draft.h"

/* CREATE INDEX and DROP INDEX, of plain and of partitioned tables. */
bool recipe_index(Draft *draft, const Statement *statement, const Act *act, Err *err);

/* REINDEX INDEX, TABLE, SCHEMA and DATABASE. */
bool recipe_reindex(Draft *draft, const Statement *statement, const Act *act, Err *err);

#endif
