#include "core/config/target_file.h"

#include <string.h>

#include "core/config/dsn.h"
#include "core/config/target_x.h"

/* What stands before the path, the longest first: sqlite:///x is the absolute /x. */
static const char *const heads[] = {
    "jdbc:sqlite://", "jdbc:sqlite:", "sqlite3://", "sqlite://",
    "sqlite3:",       "sqlite:",      "file://",    "file:",
};

static const char *
head_skip(const char *given)
{
    for (int i = 0; i < LENGTH(heads); i++)
        if (strncmp(given, heads[i], strlen(heads[i])) == 0)
            return given + strlen(heads[i]);
    return given;
}

/* A database that is gone when we are has nothing to migrate. */
static bool
is_memory(const char *path, const char *query)
{
    return strcmp(path, ":memory:") == 0 || strcmp(path, "memory") == 0 ||
           strstr(query, "mode=memory") != NULL;
}

bool
target_file(Mem *mem, const char *given, Target *target, Err *err)
{
    MEM_SCOPE(scope, NULL);
    Parameters query = {0};
    const char *text = head_skip(head_skip(given)); /* sqlite://file:x.db */
    size_t length = strcspn(text, "?");
    const char *path = percent_decode(mem, text, length);

    if (path == NULL || path[0] == '\0')
    {
        err_set(err, ERR_USAGE, "the address of the database names no file");
        return err_hint(err, "Give it as sqlite:shop.db, or sqlite:///srv/shop.db.");
    }
    if (is_memory(path, text + length))
    {
        err_set(err, ERR_USAGE, "a database in memory ends with the program");
        return err_hint(err, "Give a file: sqlite:shop.db.");
    }
    target->given = path;
    target->shown = path;
    return parameters_read_query(scope, text[length] == '\0' ? NULL : text + length + 1,
                                 &query, err) &&
           target_x_read(mem, &query, target, err);
}
