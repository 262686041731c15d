/* Is one definition another one with a column renamed? Asked of the trees. */
#include <string.h>

#include "core/sql/pg/pg.h"
#include "core/sql/sql.h"

/* The deparser writes equal trees alike, so equal text means equal trees. */
static bool
same_when_renamed(PgForm form, const char *const texts[2], const char *column_a,
                  const char *column_b)
{
    MEM_SCOPE(scope, NULL);
    const char *a = pg_renamed(scope, form, texts[0], column_a, column_b);
    const char *b = pg_renamed(scope, form, texts[1], column_b, column_b);

    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool
sql_same_index(const char *def_a, const char *def_b, const char *column_a,
               const char *column_b)
{
    return same_when_renamed(PG_INDEX, (const char *const[]){def_a, def_b}, column_a,
                             column_b);
}

bool
sql_builds_index(const char *create, const char *definition)
{
    MEM_SCOPE(scope, NULL);
    const char *wanted = pg_index_shape(scope, create);
    const char *there = pg_index_shape(scope, definition);

    return wanted != NULL && there != NULL && strcmp(wanted, there) == 0;
}

bool
sql_same_constraint(const char *def_a, const char *def_b, const char *column_a,
                    const char *column_b)
{
    return same_when_renamed(PG_CONSTRAINT, (const char *const[]){def_a, def_b},
                             column_a, column_b);
}

bool
sql_same_expression(const char *expr_a, const char *expr_b, const char *column_a,
                    const char *column_b)
{
    return same_when_renamed(PG_EXPRESSION, (const char *const[]){expr_a, expr_b},
                             column_a, column_b);
}
