#include <string.h>

#include "db/embedded.h"
#include "db/postgres/postgres.h"

/* NAME@13.sql stands before NAME.sql: the first row that fits is the right one. */
const char *
postgres_query(const Db *db, const char *label)
{
    int major = db->caps->version / 10000;

    for (const Embedded *query = postgres_queries; query->name != NULL; query++)
        if (strcmp(query->name, label) == 0 &&
            (query->upto_major == 0 || major <= query->upto_major))
            return query->text;
    return NULL;
}
