/* What the triggers that keep a backfill level are made of; private to level.c, which
 * writes them, and level_check.c, which says when they would not do. */
#ifndef PGSTRIDE_CORE_SQL_MYSQL_LEVEL_H
#define PGSTRIDE_CORE_SQL_MYSQL_LEVEL_H

#include "core/sql/dialect.h"
#include "core/sql/mysql/mysql.h"

typedef struct Leveling
{
    Mem *mem;
    const LevelAsk *ask;
    const Backfill *fill;
    SqlText sql;
} Leveling;

/* What is known of a column: from the table, and from what this migration makes of it.
 */
typedef struct Known
{
    const char *type;    /* NULL: nobody knows */
    const char *missing; /* its default, where it is a literal; or NULL */
    const char *cascade; /* a foreign key that changes it unheard; or NULL */
    bool generated;
    bool never_null; /* now, or when contract is done */
} Known;

Known my_column_known(const Leveling *leveling, const char *column);

/* ERR_REFUSED: no trigger can keep it level, with the way out. */
bool my_level_check(const Leveling *leveling, Err *err);

#endif
