/* Types as the catalog spells them: int is integer there, and serial is no type. */
#ifndef PGSTRIDE_CORE_SQL_PG_TYPES_H
#define PGSTRIDE_CORE_SQL_PG_TYPES_H

#include "core/sql/pg/tree.h"

/* As format_type would write it; of serial the integer that it stands for. */
char *type_catalog_text(Mem *mem, PgQuery__TypeName *type);

/* serial and its kin: a default and a sequence come with the column. */
bool type_makes_sequence(const PgQuery__TypeName *type);

#endif
