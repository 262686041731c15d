/* What a statement makes, read from its tree. */
#ifndef PGSTRIDE_CORE_SQL_PG_MAKES_H
#define PGSTRIDE_CORE_SQL_PG_MAKES_H

#include "core/sql/makes.h"
#include "core/sql/pg/tree.h"

/* Of the only statement of the tree, which may be changed by it; NULL: nothing. */
const Makes *tree_makes(Mem *mem, Tree *tree);

#endif
