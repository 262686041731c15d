#include <string.h>

#include "db/embedded.h"
#include "db/sqlite/sqlite.h"

const char *
sqlite_query_stored(const Db *db, const char *label)
{
    (void)db;
    for (const Embedded *query = sqlite_queries; query->name != NULL; query++)
        if (strcmp(query->name, label) == 0)
            return query->text;
    return NULL;
}
