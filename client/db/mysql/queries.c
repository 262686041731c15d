#include <string.h>

#include "db/embedded.h"
#include "db/mysql/mysql.h"

/* NAME@13.sql is for servers up to 13, NAME.sql for those that no other is for. */
static const Embedded *
query_find(const char *name, int major)
{
    const Embedded *best = NULL;

    for (const Embedded *query = mysql_queries; query->name != NULL; query++)
    {
        bool fits = query->upto_major == 0 ? best == NULL : major <= query->upto_major;
        bool closer = best == NULL || best->upto_major == 0 ||
                      query->upto_major < best->upto_major;

        if (strcmp(query->name, name) == 0 && fits && closer)
            best = query;
    }
    return best;
}

/* NAME.mariadb.sql is MariaDB's own; what both answer has one file. 10.11 is 1011. */
const char *
mysql_query_stored(const Db *db, const char *label)
{
    MEM_SCOPE(scope, NULL);
    int major = db->caps->version / 100;
    const Embedded *query = NULL;

    if (strcmp(db->caps->product, "MariaDB") == 0)
        query = query_find(mem_text(scope, "%s.mariadb", label), major);
    if (query == NULL)
        query = query_find(label, major);
    return query == NULL ? NULL : query->text;
}
