#include <string.h>

#include "db/embedded.h"
#include "db/postgres/postgres.h"

/* NAME@13.sql is for servers up to 13, NAME.sql for those that no other is for. */
static bool
fits_better(const Embedded *query, const Embedded *best, int major)
{
    if (query->upto_major == 0)
        return best == NULL;
    return major <= query->upto_major && (best == NULL || best->upto_major == 0 ||
                                          query->upto_major < best->upto_major);
}

const char *
postgres_query(const Db *db, const char *label)
{
    const Embedded *best = NULL;

    for (const Embedded *query = postgres_queries; query->name != NULL; query++)
        if (strcmp(query->name, label) == 0 &&
            fits_better(query, best, db->caps->version / 10000))
            best = query;
    return best == NULL ? NULL : best->text;
}
