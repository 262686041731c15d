/* What the catalog would say of a constraint or an index that a statement makes. */
#ifndef PGSTRIDE_CORE_SQL_PG_SPELL_H
#define PGSTRIDE_CORE_SQL_PG_SPELL_H

#include "core/sql/pg/tree.h"

/* What stands behind ADD CONSTRAINT name; empty where no faithful text is found. */
char *spell_constraint(Mem *mem, Mem *nodes, const PgQuery__Constraint *constraint);

/* Of a tree that is one CREATE INDEX, as pg_get_indexdef would, the index being called
 * i where the server chooses its name; NULL where no faithful text is found. The tree
 * is changed by it, by nodes of nodes. */
char *spell_index(Mem *mem, Mem *nodes, Tree *tree);

#endif
